package import Kernels

/// How activations are kept between the forward and the backward pass; weights, gradients and sums are always `f32`.
package enum Precision: String, Sendable, Hashable, CaseIterable {
    case f32
    /// bfloat16: the range of `f32`, eight bits of precision.
    case bf16
    /// Half precision: eleven bits, up to 65 504.
    case f16

    /// The format of numbers.
    package var format: ElementFormat {
        switch self {
        case .f32: .float32
        case .bf16: .bfloat16
        case .f16: .float16
        }
    }
}
