internal import KernelABI

/// The tables of a decomposed relative position, and what kernels need of them.
///
/// `@unchecked Sendable`: read by tasks; the tables outlive the calls.
struct PositionTables: @unchecked Sendable {
    /// The tables as left operands of the scores' products, scaled by 1 / scale since they meet scaled queries.
    struct Panels: @unchecked Sendable {
        let height: UnsafePointer<Float>
        let width: UnsafePointer<Float>
        let heightColumns: UnsafePointer<Float>
        let widthColumns: UnsafePointer<Float>
    }

    /// [2 H - 1, headSize] and [2 W - 1, headSize]; both or none.
    private let tables: (height: UnsafePointer<Float>, width: UnsafePointer<Float>)?
    private let sizes: AttentionSizes
    private let table: KernelTable

    init(
        _ tables: (height: UnsafePointer<Float>, width: UnsafePointer<Float>)?, sizes: AttentionSizes,
        table: KernelTable
    ) {
        self.tables = tables
        self.sizes = sizes
        self.table = table
    }

    /// Calls `body` with the tables packed by row and by channel; without tables what it gets is never read.
    func withPanels(_ body: (Panels) -> Void) {
        let (rows, size) = (table.attention.rows, sizes.headSize)
        guard let tables else {
            return BufferPool.withBuffer(1) {
                body(Panels(height: $0, width: $0, heightColumns: $0, widthColumns: $0))
            }
        }
        let tableRows = [sizes.heightRows, sizes.widthRows]
        let byRow = tableRows.map { AttentionSizes.padded($0, to: rows) * size }
        let byChannel = tableRows.map { AttentionSizes.padded(size, to: rows) * $0 }
        BufferPool.withBuffer(byRow.reduce(0, +) + byChannel.reduce(0, +)) { buffer in
            var next = buffer
            var packed: [UnsafePointer<Float>] = []
            for (source, count) in zip([tables.height, tables.width], zip(tableRows, byRow)) {
                table.gemm.packPanels(source, size, 1, count.0, size, rows, 1 / sizes.scale, next)
                packed.append(UnsafePointer(next))
                next += count.1
            }
            for (source, count) in zip([tables.height, tables.width], zip(tableRows, byChannel)) {
                table.gemm.packPanels(source, 1, size, size, count.0, rows, 1 / sizes.scale, next)
                packed.append(UnsafePointer(next))
                next += count.1
            }
            body(Panels(height: packed[0], width: packed[1], heightColumns: packed[2], widthColumns: packed[3]))
        }
    }

    /// Columns of the gradients that kernels write: the head size, padded.
    var gradientColumns: Int { AttentionBackward.gradientColumns(sizes, columns: table.attention.columns) }

    /// Floats of each table's gradient for one head of one item of the batch.
    var gradientCounts: (height: Int, width: Int) {
        func count(_ rows: Int) -> Int { AttentionSizes.padded(rows, to: table.attention.rows) * gradientColumns }
        return (count(sizes.heightRows), count(sizes.widthRows))
    }

    /// Adds up the gradients of all items, in their order, and takes back the factor that their queries carried.
    func sumGradients(
        _ parts: UnsafePointer<Float>, items: Int,
        into target: (height: UnsafeMutablePointer<Float>, width: UnsafeMutablePointer<Float>)
    ) {
        let counts = gradientCounts
        func sum(_ parts: UnsafePointer<Float>, rows: Int, into target: UnsafeMutablePointer<Float>) {
            for row in 0..<rows {
                for channel in 0..<sizes.headSize {
                    var sum: Float = 0
                    for item in 0..<items {
                        sum += parts[item * (counts.height + counts.width) + row * gradientColumns + channel]
                    }
                    target[row * sizes.headSize + channel] = sum / sizes.scale
                }
            }
        }
        sum(parts, rows: sizes.heightRows, into: target.height)
        sum(parts + counts.height, rows: sizes.widthRows, into: target.width)
    }
}
