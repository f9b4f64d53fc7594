private import Kernels
private import Synchronization
package import Tensors

/// A convolution's weight and bias with the normalisation behind it multiplied in.
package struct FoldedConvolution: Sendable {
    /// The convolution's shape, [out, ...].
    package let weight: Tensor
    /// [out]
    package let bias: Tensor
}

/// Keeps what was folded until a parameter changes.
final class FoldedConvolutionCache: Sendable {
    private struct Entry {
        let versions: [Int]
        let folded: FoldedConvolution
    }

    private let held = Mutex<Entry?>(nil)

    /// What is kept, or what `fold` makes of the parameters as they are now.
    ///
    /// - Parameter parameters: everything that `fold` reads.
    func folded(of parameters: [Parameter], _ fold: () -> FoldedConvolution) -> FoldedConvolution {
        // In a simulation there are no numbers to be kept.
        if MemorySimulation.current != nil { return fold() }
        let versions = parameters.map(\.version)
        return held.withLock { entry in
            if let entry, entry.versions == versions { return entry.folded }
            let folded = GradientRecording.off { fold() }
            entry = Entry(versions: versions, folded: folded)
            return folded
        }
    }
}
