internal import KernelABI
private import Runtime

extension TiledConvolution {
    /// Output lines in one task: a sum over pixels is cut here whatever the threads do.
    private static let linesPerTask = 16
    /// Pixels of a product at a time.
    private static let pixelsPerTile = 256

    /// The weight's gradient of a forward convolution: for each tap and source channel, the sum over target pixels of the
    /// source under the tap times the gradient.
    ///
    /// Sums run over the lines of a task, then over the tasks in their order.
    ///
    /// - Parameters:
    ///   - gradient: of the target, [B, height, width, N].
    ///   - input: the source, [B, height, width, K].
    ///   - sums: [9, K, N], written.
    package func weightGradient(
        _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>
    ) {
        precondition(!isBackward, "the weight's gradient is that of the forward convolution")
        nonisolated(unsafe) let (gradient, input) = (gradient, input)
        let product = PanelProduct(table.gemm)
        let count = 9 * sourceChannels * targetChannels
        let tasks = (batch * target.height + Self.linesPerTask - 1) / Self.linesPerTask
        let pixels = min(Self.pixelsPerTile, target.width)
        var layout = ScratchLayout()
        let lineOffset = layout.add(3 * pitch)
        let leftOffset = layout.add(product.leftCount(rows: 3 * sourceChannels, depth: pixels))
        let rightOffset = layout.add(product.rightCount(columns: targetChannels, depth: pixels))
        let total = layout.total
        let workers = max(1, min(Workers.count, tasks))
        BufferPool.withBuffer(tasks * count + workers * total) { memory in
            nonisolated(unsafe) let memory = memory
            Workers.forEachChunk(of: batch * target.height, grain: Self.linesPerTask) { items, worker in
                let part = memory + items.lowerBound / Self.linesPerTask * count
                let own = memory + tasks * count + worker * total
                for item in items {
                    let (picture, line) = (item / target.height, item % target.height)
                    copyLines(
                        input, picture: picture, first: line * sourceStep - 1, count: 3, to: own + lineOffset)
                    for first in stride(from: 0, to: target.width, by: pixels) {
                        addProducts(
                            product, gradient: gradient + (item * target.width + first) * targetChannels,
                            lines: own + lineOffset + first * sourceStep * sourceChannels,
                            pixels: min(pixels, target.width - first),
                            keep: item == items.lowerBound && first == 0 ? 0 : 1, left: own + leftOffset,
                            right: own + rightOffset, into: part)
                    }
                }
            }
            nonisolated(unsafe) let sums = sums
            Workers.forEachChunk(of: count, grain: 1 << 12) { range, _ in
                for task in 0..<tasks {
                    table.elementwise.scaleAdd(
                        1, memory + task * count + range.lowerBound, task == 0 ? 0 : 1, sums + range.lowerBound,
                        range.count)
                }
            }
        }
    }

    /// Adds the part of some pixels of a line; the three taps of a source line are neighbours, so that they are one product.
    private func addProducts(
        _ product: PanelProduct, gradient: UnsafePointer<Float>, lines: UnsafePointer<Float>, pixels: Int,
        keep: Float, left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>,
        into part: UnsafeMutablePointer<Float>
    ) {
        let rows = 3 * sourceChannels
        product.packRight(
            MatrixView(gradient, rowStride: targetChannels), columns: targetChannels, depth: pixels, into: right)
        for line in 0..<3 {
            product.packLeft(
                MatrixView(lines + line * pitch, rowStride: sourceStep * sourceChannels).transposed, rows: rows,
                depth: pixels, into: left)
            product.multiply(
                left: left, right: right, m: rows, n: targetChannels, k: pixels, beta: keep,
                into: part + line * rows * targetChannels, ldc: targetChannels)
        }
    }
}
