package import Kernels

/// How activations are kept between the forward and the backward pass; weights, gradients and sums are always `f32`.
///
/// What is read again on the way back is rounded when it is kept; the operands of self-attention before it is computed, since
/// the way back needs the very scores of the way forward.
package enum Precision: String, Sendable, Hashable, CaseIterable {
    case f32
    /// bfloat16: the range of `f32`, eight bits of precision. The operands of matrix products are rounded to it as well, where
    /// the processor has such products. What a cache keeps of the frozen encoder is made in `f32` all the same, and serves runs
    /// of every precision.
    case bf16
    /// Half precision: eleven bits, up to 65 504.
    ///
    /// Activations beyond that are kept as 65 504 and counted; those below 3e-8 become 0. A scale of the loss changes neither,
    /// since it is gradients that it scales, and they are `f32` throughout: one that is a power of two changes no bit of a
    /// step. What it brings is that a step with something that is not finite is left out, where other formats end the run.
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
