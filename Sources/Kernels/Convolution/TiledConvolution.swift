package import KernelABI
private import Runtime

/// A convolution of size 3 with one pixel of zero padding, or the way back through one to its input, by groups of lines
/// that stay in cache: source lines are copied between borders of zeros, and a register tile reads them there tap by tap,
/// so that each result is written once.
///
/// Forward, target pixel t reads the source around pixel `stride * t`. Backward, it gathers from source pixels around
/// `t / stride`, and the pixels of each remainder have taps of their own.
///
/// Shapes: B pictures, K source channels, N target channels.
package struct TiledConvolution: Sendable {
    package struct Size: Sendable, Hashable {
        package var height: Int
        package var width: Int

        package init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    /// Floats of source lines in one task: with a panel of the weight they stay in the second-level cache.
    static let taskFloats = 100_000
    /// Tasks that there should be, whatever the number of threads.
    static let tasks = 16
    /// Longest chain of sums, as in ``GEMM``.
    static let longestChain = 256

    let batch: Int
    let source: Size
    let target: Size
    let sourceChannels: Int
    let targetChannels: Int
    let isBackward: Bool
    let sourceStep: Int
    let targetStep: Int
    let table: KernelTable

    /// - Parameters:
    ///   - source: the input's size; backward, the output's.
    ///   - target: the other one's.
    ///   - sourceChannels: K, as `targetChannels` is N.
    ///   - stride: 1 or 2.
    ///   - isBackward: whether the source is the output's gradient and the target the input's.
    package init(
        batch: Int, source: Size, target: Size, sourceChannels: Int, targetChannels: Int, stride: Int,
        isBackward: Bool = false
    ) {
        precondition(
            batch >= 1 && source.height >= 1 && source.width >= 1 && target.height >= 1 && target.width >= 1
                && sourceChannels >= 1 && targetChannels >= 1 && (1...2).contains(stride),
            "convolution of \(batch) x \(source) x \(sourceChannels) with stride \(stride)")
        self.batch = batch
        self.source = source
        self.target = target
        self.sourceChannels = sourceChannels
        self.targetChannels = targetChannels
        self.isBackward = isBackward
        sourceStep = isBackward ? 1 : stride
        targetStep = isBackward ? stride : 1
        table = Kernels.table
    }

    /// A chain of sums is cut at the end of the tap that makes it at least this long: every tap at stride 1; with a stride
    /// few channels are the usual case, and cuts would cost more than the sums.
    private var shortestChain: Int { sourceStep * targetStep == 1 ? 1 : 128 }
    /// Groups of `targetStep` lines in a picture's target.
    private var groups: Int { (target.height + targetStep - 1) / targetStep }
    private var panelWidth: Int { table.convolutions.tileColumns }
    private var panels: Int { (targetChannels + panelWidth - 1) / panelWidth }

    /// Floats from a source line between its borders to the next: the last tile may reach beyond the right one.
    var pitch: Int {
        let tile = table.convolutions.tilePixels
        let pixels = AttentionSizes.padded((target.width + targetStep - 1) / targetStep, to: tile)
        return max(source.width + 2, (pixels - 1) * sourceStep + 3) * sourceChannels
    }

    /// Copies source lines from `first` on, each between a pixel of zeros and at least one; lines outside are zeros.
    func copyLines(
        _ input: UnsafePointer<Float>, picture: Int, first: Int, count: Int, to lines: UnsafeMutablePointer<Float>
    ) {
        let length = source.width * sourceChannels
        for index in 0..<count {
            let line = lines + index * pitch
            if first + index < 0 || first + index >= source.height {
                line.initialize(repeating: 0, count: pitch)
                continue
            }
            line.initialize(repeating: 0, count: sourceChannels)
            (line + sourceChannels)
                .initialize(from: input + (picture * source.height + first + index) * length, count: length)
            (line + sourceChannels + length).initialize(repeating: 0, count: pitch - sourceChannels - length)
        }
    }

    /// Computes the target.
    ///
    /// - Parameters:
    ///   - input: the source, [B, height, width, K].
    ///   - weight: [N, 9, K], taps by lines and columns.
    ///   - bias: [N], or nil.
    ///   - output: the target, [B, height, width, N].
    package func run(
        input: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
        activation: Activation = .identity, output: UnsafeMutablePointer<Float>
    ) {
        nonisolated(unsafe) let (input, weight, bias, output) = (input, weight, bias, output)
        // As many groups a task as the cache holds, but work for everybody: a result does not depend on it.
        let held = max(1, (Self.taskFloats / pitch - 3) / sourceStep + 1)
        let perTask = min(held, max(1, batch * groups / Self.tasks))
        let tasksPerPicture = (groups + perTask - 1) / perTask
        let lineCount = (perTask - 1) * sourceStep + 3
        let phases = ConvolutionPhase.all(self).map {
            (phase: $0, runs: $0.runs(channels: sourceChannels, pitch: pitch, shortestChain: shortestChain))
        }
        let panelCounts = phases.map { $0.phase.steps(channels: sourceChannels) * panelWidth }
        let weightCount = panelCounts.reduce(0, +) * panels
        let sumCount = table.convolutions.tilePixels * panelWidth
        let own = AttentionSizes.padded(lineCount * pitch, to: 16) + sumCount
        let workers = max(1, min(Workers.count, batch * tasksPerPicture))
        BufferPool.withBuffer(weightCount + workers * own) { memory in
            nonisolated(unsafe) let memory = memory
            Workers.forEachChunk(of: panels, grain: 1) { items, _ in
                for panel in items {
                    var packed = memory + panel * panelCounts.reduce(0, +)
                    let targets = panel * panelWidth..<min(targetChannels, (panel + 1) * panelWidth)
                    for (index, each) in phases.enumerated() {
                        each.phase.pack(
                            weight, channels: sourceChannels, targets: targets, width: panelWidth, table.gemm,
                            into: packed)
                        packed += panelCounts[index]
                    }
                }
            }
            Workers.forEachChunk(of: batch * tasksPerPicture, grain: 1) { items, worker in
                let lines = memory + weightCount + worker * own
                let sums = lines + own - sumCount
                for item in items {
                    let (picture, first) = (item / tasksPerPicture, item % tasksPerPicture * perTask)
                    let count = min(perTask, groups - first)
                    copyLines(
                        input, picture: picture, first: first * sourceStep - 1, count: (count - 1) * sourceStep + 3,
                        to: lines)
                    var packed = memory
                    for panel in 0..<panels {
                        for (index, each) in phases.enumerated() {
                            for group in 0..<count {
                                runLine(
                                    each.phase, each.runs, lines: lines, group: group, first: first, picture: picture,
                                    panel: panel, packed: packed, bias: bias, activation: activation, output: output,
                                    sums: sums)
                            }
                            packed += panelCounts[index]
                        }
                    }
                }
            }
        }
    }

    private func runLine(
        _ phase: ConvolutionPhase, _ runs: [ConvolutionRun], lines: UnsafePointer<Float>, group: Int, first: Int,
        picture: Int, panel: Int, packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?, activation: Activation,
        output: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
    ) {
        let line = (first + group) * targetStep + phase.line
        if line >= target.height || phase.column >= target.width { return }
        let column = panel * panelWidth
        let pixel = (picture * target.height + line) * target.width + phase.column
        runs.withUnsafeBufferPointer { runs in
            table.convolutions.line(
                ConvolutionLine(
                    source: lines + (group * sourceStep + 1) * pitch + sourceChannels,
                    runs: runs.baseAddress.unsafelyUnwrapped, runCount: runs.count,
                    pixelStride: sourceStep * sourceChannels, panel: packed,
                    pixels: (target.width - phase.column + targetStep - 1) / targetStep,
                    columns: min(panelWidth, targetChannels - column), bias: bias.map { $0 + column },
                    activation: activation, output: output + pixel * targetChannels + column,
                    outputStride: targetStep * targetChannels, sums: sums))
        }
    }
}
