internal import KernelABI

/// The taps that reach the target pixels of one remainder of their line and column by the target's step.
struct ConvolutionPhase: Sendable {
    /// One of the nine taps, and the source pixel that it reads from the target pixel's own place on.
    private struct Tap {
        let index: Int
        let line: Int
        let column: Int
    }

    let line: Int
    let column: Int
    private let taps: [Tap]

    /// All phases of a convolution.
    static func all(_ call: TiledConvolution) -> [ConvolutionPhase] {
        (0..<call.targetStep * call.targetStep).map { index in
            ConvolutionPhase(call, line: index / call.targetStep, column: index % call.targetStep)
        }
    }

    private init(_ call: TiledConvolution, line: Int, column: Int) {
        self.line = line
        self.column = column
        /// Forward, tap t reads one source pixel; backward, it leads from at most one.
        func offset(_ tap: Int, _ phase: Int) -> Int? {
            guard call.isBackward else { return tap - 1 }
            let distance = phase + 1 - tap
            return distance % call.targetStep == 0 ? distance / call.targetStep : nil
        }
        taps = (0..<9).compactMap { tap in
            guard let line = offset(tap / 3, line), let column = offset(tap % 3, column) else { return nil }
            return Tap(index: tap, line: line, column: column)
        }
    }

    /// Rows of a panel of the weight.
    func steps(channels: Int) -> Int { taps.count * channels }

    /// Packs a panel of at most `width` target channels.
    ///
    /// - Parameter weight: [N, 9, K].
    func pack(
        _ weight: UnsafePointer<Float>, channels: Int, targets: Range<Int>, width: Int, _ kernels: GEMMKernels,
        into panel: UnsafeMutablePointer<Float>
    ) {
        for (place, tap) in taps.enumerated() {
            kernels.packPanels(
                weight + (targets.lowerBound * 9 + tap.index) * channels, 9 * channels, 1, targets.count, channels,
                width, 1, panel + place * channels * width)
        }
    }

    /// What the register tile reads, in the order of the panel's rows.
    ///
    /// - Parameters:
    ///   - pitch: floats from a source line to the next.
    ///   - shortestChain: see ``TiledConvolution``.
    func runs(channels: Int, pitch: Int, shortestChain: Int) -> [ConvolutionRun] {
        var runs: [ConvolutionRun] = []
        var chain = 0
        for tap in taps {
            var (offset, rest) = (tap.line * pitch + tap.column * channels, channels)
            while rest > 0 {
                let length = min(rest, TiledConvolution.longestChain - chain)
                chain += length
                rest -= length
                let endsChain =
                    chain == TiledConvolution.longestChain || rest == 0 && chain >= shortestChain
                if let last = runs.last, !last.endsChain, last.offset + last.length == offset {
                    runs[runs.count - 1].length += length
                    runs[runs.count - 1].endsChain = endsChain
                } else {
                    runs.append(ConvolutionRun(offset: offset, length: length, endsChain: endsChain))
                }
                if endsChain { chain = 0 }
                offset += length
            }
        }
        return runs
    }
}
