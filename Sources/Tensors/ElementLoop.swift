internal import KernelABI
private import Kernels
private import Runtime

/// The parallel loops of element-wise operations: fixed chunks, so results do not depend on the number of threads.
enum ElementLoop {
    /// Elements a chunk: 64 KB, a few microseconds of work.
    static let grain = 1 << 14

    static var kernels: ElementwiseKernels { Kernels.table.elementwise }

    /// Runs `body` over the chunks of `0..<count`. The body writes elements of its own range only.
    static func forEach(_ count: Int, _ body: (Range<Int>) -> Void) {
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            Workers.forEachChunk(of: count, grain: grain) { range, _ in body(range) }
        }
    }

    /// Runs `body` over chunks of rows of `columns` elements each.
    static func forEachRows(_ rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            Workers.forEachChunk(of: rows, grain: max(1, grain / max(1, columns))) { range, _ in body(range) }
        }
    }

    /// `target[c] = sum over rows of input[r, c] + keep * target[c]`: partial sums by chunk, added in chunk order.
    static func columnSums(
        _ input: UnsafePointer<Float>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Float>, keep: Float
    ) {
        let table = Kernels.table
        reduceRows(rows, columns: columns, width: columns, into: target, keep: keep) { range, partial in
            table.rows.addColumnSums(input + range.lowerBound * columns, range.count, columns, partial)
        }
    }

    /// Sums over rows: `body` adds the sums over a chunk of rows to a zeroed `partial` of `width` elements, and
    /// `target = sum of the partials, in chunk order, + keep * target`.
    static func reduceRows(
        _ rows: Int, columns: Int, width: Int, into target: UnsafeMutablePointer<Float>, keep: Float,
        _ body: (_ rows: Range<Int>, _ partial: UnsafeMutablePointer<Float>) -> Void
    ) {
        let rowsPerChunk = max(16, 4 * grain / max(1, columns))
        let chunks = (rows + rowsPerChunk - 1) / rowsPerChunk
        if keep == 0 { target.initialize(repeating: 0, count: width) }
        let add = kernels.add
        BufferPool.withBuffer(chunks * width) { partials in
            withoutActuallyEscaping(body) { body in
                nonisolated(unsafe) let (body, partials) = (body, partials)
                Workers.forEachChunk(of: rows, grain: rowsPerChunk) { range, _ in
                    let partial = partials + range.lowerBound / rowsPerChunk * width
                    partial.initialize(repeating: 0, count: width)
                    body(range, partial)
                }
            }
            for chunk in 0..<chunks { add(target, partials + chunk * width, target, width) }
        }
    }
}
