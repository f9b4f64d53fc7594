private import KernelABI
private import Runtime

/// What scores in windows gain by the distance of query and key: a value for each head and each |dy|, |dx|.
///
/// Kernels want these as panels, by blocks of queries across the lanes, a row for each key; see `AttentionForward.biases`.
/// They differ between heads, and between windows cut at the right or the bottom, whose queries are fewer.
///
/// `@unchecked Sendable`: read by tasks; the values outlive the calls.
struct OffsetBiases: @unchecked Sendable {
    /// [heads, S * S], distances in lines and columns.
    private let values: UnsafePointer<Float>
    private let heads: Int
    private let grid: WindowedGrid
    /// Floats of a register.
    private let lanes: Int

    init(_ values: UnsafePointer<Float>, heads: Int, grid: WindowedGrid, lanes: Int) {
        self.values = values
        self.heads = heads
        self.grid = grid
        self.lanes = lanes
    }

    private var side: Int { grid.window }
    /// Distances in a window, as many as places.
    var distances: Int { side * side }
    /// Floats of the panels of one head and one shape of window, at most.
    var panelCount: Int { side * side * AttentionSizes.padded(side * side, to: lanes) }
    /// Floats of all panels.
    var panelsCount: Int { 4 * heads * panelCount }

    /// Where the panels of a window's shape and a head begin.
    func panel(_ window: WindowedGrid.Window, head: Int) -> Int { (window.shape * heads + head) * panelCount }

    /// Writes the panels of all shapes that occur.
    func fillPanels(_ panels: UnsafeMutablePointer<Float>) {
        nonisolated(unsafe) let panels = panels
        let shapes = grid.shapes.compactMap { $0 }
        Workers.forEachChunk(of: shapes.count * heads, grain: 1) { items, _ in
            for item in items {
                let (window, head) = (shapes[item / heads], item % heads)
                let target = panels + panel(window, head: head)
                let own = values + head * distances
                forEachScore(of: window) { place, distance in target[place] = own[distance] }
            }
        }
    }

    /// Adds the scores' gradients, in the order of a panel, to those of a head's distances.
    func addSlopes(
        _ slopes: UnsafePointer<Float>, of window: WindowedGrid.Window, to sums: UnsafeMutablePointer<Float>
    ) {
        forEachScore(of: window) { place, distance in sums[distance] += slopes[place] }
    }

    /// Adds up the gradients of all items, [items, S * S], in their order.
    func sumGradients(_ parts: UnsafePointer<Float>, items: Int, into target: UnsafeMutablePointer<Float>) {
        target.initialize(repeating: 0, count: heads * distances)
        for item in 0..<items {
            let (part, sums) = (parts + item * distances, target + item % heads * distances)
            for distance in 0..<distances { sums[distance] += part[distance] }
        }
    }

    /// Calls `body` with each element of a panel and the distance of its query and key; lanes without a query repeat the
    /// last one's in the filling of panels, and have no part in sums since their slopes are zero.
    @inline(__always) private func forEachScore(
        of window: WindowedGrid.Window, _ body: (_ place: Int, _ distance: Int) -> Void
    ) {
        let count = window.count
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 4 * lanes) { places in
            var first = 0
            while first < count {
                let width = count - first > lanes ? 2 * lanes : lanes
                for lane in 0..<width {
                    let query = min(first + lane, count - 1)
                    places[2 * lane] = Int32(query / window.columns)
                    places[2 * lane + 1] = Int32(query % window.columns)
                }
                for line in 0..<side {
                    for column in 0..<side {
                        let start = first * side * side + (line * side + column) * width
                        for lane in 0..<width {
                            let dy = abs(Int(places[2 * lane]) - line)
                            let dx = abs(Int(places[2 * lane + 1]) - column)
                            body(start + lane, dy * side + dx)
                        }
                    }
                }
                first += width
            }
        }
    }
}
