internal import KernelABI
private import Runtime

extension DepthwiseConvolution3x3 {
    /// The input's gradient.
    ///
    /// - Parameters:
    ///   - gradient: of the output, [B, H', W', C].
    ///   - weight: [9, C].
    ///   - target: [B, H, W, C], written.
    package func inputGradient(
        _ gradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
    ) {
        BufferPool.withBuffer(9 * channels) { reversed in
            for tap in 0..<9 {
                (reversed + tap * channels).update(from: weight + (8 - tap) * channels, count: channels)
            }
            if stride == 1 {
                forward(input: gradient, weight: reversed, bias: nil, activation: .identity, output: target)
            } else {
                spread(gradient, weight: weight, into: target)
            }
        }
    }

    /// An even input line flowed to one output line, through the taps' middle line; an odd one to two, through their last
    /// and first line.
    private func spread(
        _ gradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
    ) {
        nonisolated(unsafe) let (gradient, weight, target) = (gradient, weight, target)
        let tapLine = 3 * channels
        let kernel = table.convolutions.depthwiseSpread
        Workers.forEachChunk(of: batch * height, grain: Self.linesPerTask) { items, _ in
            for item in items {
                let (picture, line) = (item / height, item % height)
                let first = line / 2
                let isOdd = line % 2 == 1
                kernel(
                    DepthwiseSpread(
                        gradient: gradient + (picture * outputHeight + first) * outputLine,
                        lines: isOdd && first + 1 < outputHeight ? 2 : 1, gradientWidth: outputWidth,
                        channels: channels, weight: weight + (isOdd ? 2 : 1) * tapLine, weightPitch: -2 * tapLine,
                        output: target + item * inputLine, width: width))
            }
        }
    }

    /// The gradients of weight and bias, one after the other.
    ///
    /// Sums run over the lines of a task, then over the tasks in their order, whatever the threads do.
    ///
    /// - Parameters:
    ///   - gradient: of the output, [B, H', W', C].
    ///   - input: [B, H, W, C].
    ///   - target: [10, C], written: nine taps, then the bias.
    package func weightGradient(
        _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
    ) {
        let count = 10 * channels
        let lines = outputHeight
        let tasks = (batch * lines + Self.linesPerTask - 1) / Self.linesPerTask
        let kernel = table.convolutions.depthwiseSums
        BufferPool.withBuffer(inputLine + tasks * count) { memory in
            memory.initialize(repeating: 0, count: inputLine + tasks * count)
            nonisolated(unsafe) let (gradient, input, zeros) = (gradient, input, UnsafePointer(memory))
            nonisolated(unsafe) let parts = memory + inputLine
            Workers.forEachChunk(of: batch * lines, grain: Self.linesPerTask) { items, _ in
                let part = parts + items.lowerBound / Self.linesPerTask * count
                for strip in Swift.stride(from: 0, to: outputWidth, by: Self.columnsPerSum) {
                    for item in items {
                        let (picture, middle) = (item / lines, item % lines * stride)
                        let source = input + (picture * height + middle) * inputLine
                        kernel(
                            DepthwiseSums(
                                above: middle == 0 ? zeros : source - inputLine, middle: source,
                                below: middle + 1 == height ? zeros : source + inputLine, width: width,
                                channels: channels, gradient: gradient + item * outputLine, firstColumn: strip,
                                endColumn: min(outputWidth, strip + Self.columnsPerSum), stride: stride, sums: part))
                    }
                }
            }
            target.initialize(repeating: 0, count: count)
            for task in 0..<tasks {
                table.elementwise.add(target, parts + task * count, target, count)
            }
        }
    }
}
