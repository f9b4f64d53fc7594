internal import KernelABI
private import Runtime

/// A linear layer on every pixel to a hidden width, GELU, a 3 x 3 convolution of each channel with one pixel of padding,
/// GELU, and a linear layer on every pixel; then, where it is a residual block, the input is added and GELU comes last.
///
/// The hidden picture, several times the size of the others, exists for three lines of a strip at a time and never leaves
/// the second-level cache. Results have the bits of the operations one by one.
///
/// Shapes: B pictures of H by W, K channels in, D hidden, N out; H' = ceil(H / stride), W' likewise.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint pixels.
package struct SeparableConvolution: @unchecked Sendable {
    package struct Sizes: Sendable {
        package var batch: Int
        package var height: Int
        package var width: Int
        package var inputs: Int
        package var hidden: Int
        package var outputs: Int
        /// 1 or 2
        package var stride: Int
        /// Then the stride is 1 and N = K.
        package var isResidual: Bool

        package init(
            batch: Int, height: Int, width: Int, inputs: Int, hidden: Int, outputs: Int, stride: Int,
            isResidual: Bool
        ) {
            self.batch = batch
            self.height = height
            self.width = width
            self.inputs = inputs
            self.hidden = hidden
            self.outputs = outputs
            self.stride = stride
            self.isResidual = isResidual
        }

        /// H'
        package var outputHeight: Int { (height + stride - 1) / stride }
        /// W'
        package var outputWidth: Int { (width + stride - 1) / stride }

        /// Whether both linear layers alone would go the way whose bits these results have: of pictures of a few pixels
        /// they do not.
        package var areLarge: Bool {
            GEMM.isPacked(rows: batch * height * width, outputs: hidden, depth: inputs)
                && GEMM.isPacked(rows: batch * outputHeight * outputWidth, outputs: outputs, depth: hidden)
        }
    }

    package struct Operands {
        /// [B, H, W, K]
        package var input: UnsafePointer<Float>
        /// [D, K]
        package var expandWeight: UnsafePointer<Float>
        /// [D]
        package var expandBias: UnsafePointer<Float>
        /// [9, D], taps by lines and columns.
        package var spreadWeight: UnsafePointer<Float>
        /// [D]
        package var spreadBias: UnsafePointer<Float>
        /// [N, D]
        package var projectWeight: UnsafePointer<Float>
        /// [N]
        package var projectBias: UnsafePointer<Float>

        package init(
            input: UnsafePointer<Float>, expandWeight: UnsafePointer<Float>, expandBias: UnsafePointer<Float>,
            spreadWeight: UnsafePointer<Float>, spreadBias: UnsafePointer<Float>,
            projectWeight: UnsafePointer<Float>, projectBias: UnsafePointer<Float>
        ) {
            self.input = input
            self.expandWeight = expandWeight
            self.expandBias = expandBias
            self.spreadWeight = spreadWeight
            self.spreadBias = spreadBias
            self.projectWeight = projectWeight
            self.projectBias = projectBias
        }
    }

    /// Floats of a hidden line of a strip: three of them, a line of the convolution's results and both weights stay in the
    /// second-level cache.
    static let stripFloats = 1 << 14
    /// Tasks of a picture that there should be, whatever the number of threads: up to two hidden lines of each are computed
    /// twice.
    static let tasks = 16

    let sizes: Sizes
    let operands: Operands
    let table: KernelTable
    private let expand: WeightPanels
    private let project: WeightPanels

    package init(_ sizes: Sizes, _ operands: Operands) {
        precondition(
            sizes.batch >= 0 && sizes.height >= 1 && sizes.width >= 1 && sizes.inputs >= 1 && sizes.hidden >= 1
                && sizes.outputs >= 1 && (1...2).contains(sizes.stride)
                && (!sizes.isResidual || sizes.stride == 1 && sizes.inputs == sizes.outputs),
            "separable convolution of \(sizes)")
        self.sizes = sizes
        self.operands = operands
        table = Kernels.table
        expand = WeightPanels(inputs: sizes.inputs, outputs: sizes.hidden, table.gemm)
        project = WeightPanels(inputs: sizes.hidden, outputs: sizes.outputs, table.gemm)
    }

    /// Output columns of a strip, all about as wide.
    private var stripWidth: Int {
        let widest = max(4, Self.stripFloats / (sizes.hidden * sizes.stride))
        let strips = (sizes.outputWidth + widest - 1) / widest
        return (sizes.outputWidth + strips - 1) / strips
    }
    private var strips: Int { (sizes.outputWidth + stripWidth - 1) / stripWidth }
    /// Output lines of a task.
    private var linesPerTask: Int { max(1, sizes.outputHeight * strips / Self.tasks) }

    /// A strip of a picture: its output columns, and the input pixels under them.
    private struct Strip {
        let picture: Int
        let columns: Range<Int>
        let pixels: Range<Int>
        /// The first output column minus that which the first pixel would be under.
        let shift: Int

        init(_ sizes: Sizes, picture: Int, columns: Range<Int>) {
            self.picture = picture
            self.columns = columns
            shift = columns.lowerBound == 0 ? 0 : 1
            pixels =
                (columns.lowerBound - shift)
                * sizes.stride..<min(sizes.width, (columns.upperBound - 1) * sizes.stride + 2)
        }
    }

    /// What a worker works in.
    private struct Scratch {
        /// Three hidden lines, line l in number l % 3.
        let lines: UnsafeMutablePointer<Float>
        let spread: UnsafeMutablePointer<Float>
        let left: UnsafeMutablePointer<Float>
        let lineFloats: Int
        /// A line of the padding.
        let zeros: UnsafePointer<Float>
        let expandPanels: UnsafePointer<Float>
        let projectPanels: UnsafePointer<Float>
    }

    /// Writes the result, [B, H', W', N].
    package func forward(output: UnsafeMutablePointer<Float>) {
        let perTask = linesPerTask
        let blocks = (sizes.outputHeight + perTask - 1) / perTask
        let tasks = sizes.batch * strips * blocks
        let pixels = (stripWidth + 1) * sizes.stride + 1
        var layout = ScratchLayout()
        let lineFloats = AttentionSizes.padded(pixels * sizes.hidden, to: 16)
        let lineOffset = layout.add(3 * lineFloats)
        let spreadOffset = layout.add(stripWidth * sizes.hidden)
        let leftOffset = layout.add(max(expand.leftCount(rows: pixels), project.leftCount(rows: stripWidth)))
        let own = layout.total
        var shared = ScratchLayout()
        let zeroOffset = shared.add(lineFloats)
        let expandOffset = shared.add(expand.count)
        let projectOffset = shared.add(project.count)
        let sharedCount = shared.total
        BufferPool.withBuffer(sharedCount + max(1, min(Workers.count, tasks)) * own) { memory in
            (memory + zeroOffset).initialize(repeating: 0, count: lineFloats)
            expand.pack(operands.expandWeight, into: memory + expandOffset)
            project.pack(operands.projectWeight, into: memory + projectOffset)
            nonisolated(unsafe) let (memory, output) = (memory, output)
            Workers.forEachChunk(of: tasks, grain: 1) { items, worker in
                let base = memory + sharedCount + worker * own
                let scratch = Scratch(
                    lines: base + lineOffset, spread: base + spreadOffset, left: base + leftOffset,
                    lineFloats: lineFloats, zeros: memory + zeroOffset, expandPanels: memory + expandOffset,
                    projectPanels: memory + projectOffset)
                for item in items {
                    let (line, strip) = (item % blocks * perTask, item / blocks % strips * stripWidth)
                    run(
                        Strip(
                            sizes, picture: item / blocks / strips,
                            columns: strip..<min(sizes.outputWidth, strip + stripWidth)),
                        lines: line..<min(sizes.outputHeight, line + perTask), scratch, output)
                }
            }
        }
    }

    private func run(
        _ strip: Strip, lines: Range<Int>, _ scratch: Scratch, _ output: UnsafeMutablePointer<Float>
    ) {
        var next = max(0, lines.lowerBound * sizes.stride - 1)
        for line in lines {
            let middle = line * sizes.stride
            while next <= min(sizes.height - 1, middle + 1) {
                expandLine(next, strip, scratch)
                next += 1
            }
            func hidden(_ line: Int) -> UnsafePointer<Float> {
                line < 0 || line >= sizes.height
                    ? scratch.zeros : UnsafePointer(scratch.lines + line % 3 * scratch.lineFloats)
            }
            table.convolutions.depthwiseLine(
                DepthwiseLine(
                    above: hidden(middle - 1), middle: hidden(middle), below: hidden(middle + 1),
                    width: strip.pixels.count, channels: sizes.hidden, weight: operands.spreadWeight,
                    bias: operands.spreadBias, output: scratch.spread - strip.shift * sizes.hidden,
                    firstColumn: strip.shift, endColumn: strip.shift + strip.columns.count, stride: sizes.stride,
                    activation: .gelu))
            projectLine(line, strip, scratch, output)
        }
    }

    private func expandLine(_ line: Int, _ strip: Strip, _ scratch: Scratch) {
        let first = (strip.picture * sizes.height + line) * sizes.width + strip.pixels.lowerBound
        expand.multiply(
            operands.input + first * sizes.inputs, stride: sizes.inputs, count: strip.pixels.count,
            panels: scratch.expandPanels, left: scratch.left,
            GEMMTarget(
                c: scratch.lines + line % 3 * scratch.lineFloats, ldc: sizes.hidden, bias: operands.expandBias,
                activation: .gelu))
    }

    private func projectLine(
        _ line: Int, _ strip: Strip, _ scratch: Scratch, _ output: UnsafeMutablePointer<Float>
    ) {
        let first =
            ((strip.picture * sizes.outputHeight + line) * sizes.outputWidth + strip.columns.lowerBound)
            * sizes.outputs
        let count = strip.columns.count
        let residual = sizes.isResidual ? operands.input + first : nil
        project.multiply(
            scratch.spread, stride: sizes.hidden, count: count, panels: scratch.projectPanels, left: scratch.left,
            GEMMTarget(
                c: output + first, ldc: sizes.outputs, bias: operands.projectBias, residual: residual,
                ldr: sizes.outputs))
        if sizes.isResidual {
            table.elementwise.gelu(output + first, output + first, count * sizes.outputs)
        }
    }
}
