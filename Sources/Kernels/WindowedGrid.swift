/// A picture's cut into square windows; those at the right and the bottom may hold fewer tokens.
struct WindowedGrid: Sendable {
    /// The tokens of one window.
    struct Window: Sendable {
        let firstRow: Int
        let firstColumn: Int
        /// Rows and columns of tokens that exist.
        let rows: Int
        let columns: Int
        /// The window's side.
        let side: Int

        /// Tokens that exist.
        var count: Int { rows * columns }
        /// Number of its shape among ``WindowedGrid/shapes``.
        var shape: Int { (rows < side ? 2 : 0) + (columns < side ? 1 : 0) }

        /// Calls `body` with each token that exists: its index in the picture, and its place in the window.
        @inline(__always) func forEachToken(in grid: WindowedGrid, _ body: (_ token: Int, _ place: Int) -> Void) {
            for row in 0..<rows {
                let token = (firstRow + row) * grid.width + firstColumn
                for column in 0..<columns { body(token + column, row * side + column) }
            }
        }

        /// Calls `body` with the places of the tokens that exist, or with nil where every place has one.
        func withPlaces(_ body: (UnsafePointer<Int32>?) -> Void) {
            if rows == side && columns == side { return body(nil) }
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { places in
                for row in 0..<rows {
                    for column in 0..<columns {
                        places.initializeElement(at: row * columns + column, to: Int32(row * side + column))
                    }
                }
                body(places.baseAddress)
            }
        }
    }

    let height: Int
    let width: Int
    let window: Int

    private var columns: Int { (width + window - 1) / window }
    /// Number of windows.
    var windows: Int { (height + window - 1) / window * columns }

    /// A window of each shape that occurs: whole, cut at the right, cut at the bottom, cut at both; nil where there is none.
    var shapes: [Window?] {
        let (restRows, restColumns) = (height % window, width % window)
        return [(false, false), (false, true), (true, false), (true, true)].map { isLow, isNarrow in
            let rows = isLow ? restRows : height >= window ? window : 0
            let columns = isNarrow ? restColumns : width >= window ? window : 0
            guard rows > 0 && columns > 0 else { return nil }
            return Window(firstRow: 0, firstColumn: 0, rows: rows, columns: columns, side: window)
        }
    }

    func window(_ index: Int) -> Window {
        let (row, column) = (index / columns * window, index % columns * window)
        return Window(
            firstRow: row, firstColumn: column, rows: min(window, height - row), columns: min(window, width - column),
            side: window)
    }
}
