/// An element-wise function applied to a matrix product while its tile is still in cache.
package enum Activation: Int, Sendable, Hashable {
    case identity
    /// max(x, 0)
    case relu
    /// x Φ(x), with the exact normal distribution function (erf), not its tanh approximation.
    case gelu
}
