package import Tensors

/// The norm of all gradients together, and clipping by it.
package enum GradientNorm {
    /// sqrt of the sum of the squares of all gradients, in Double, parameter by parameter in order; not finite when any
    /// gradient is not.
    package static func global(of parameters: [Parameter]) -> Double {
        parameters.reduce(0) { $0 + ($1.gradient?.sumOfSquares ?? 0) }.squareRoot()
    }

    /// The factor that brings gradients of a norm down to at most `maximum`: `min(1, maximum / (norm + 1e-6))`, as
    /// PyTorch's `clip_grad_norm_`. To be given to ``Optimizer/step(learningRate:gradientScale:factor:)``.
    package static func clippingFactor(norm: Double, maximum: Double) -> Float {
        Float(min(1, maximum / (norm + 1e-6)))
    }

    /// The first parameter whose gradient is not finite, in order.
    package static func firstNotFinite(in parameters: [Parameter]) -> Parameter? {
        parameters.first { !($0.gradient?.sumOfSquares.isFinite ?? true) }
    }
}
