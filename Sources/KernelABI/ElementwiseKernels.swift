/// Kernels that treat each element alone. Output and input may be the same memory.
///
/// Largest errors at every level, held by Tests/KernelsTests/ElementaryTests over 200 000 points each:
/// exp 2e-7 relative from -87 to 88 (0 below -87.3, exp(88.3) above); sigmoid 4e-7 relative from -80 to 80; gelu 6e-7
/// relative from -4 to 8, 1e-5 from -12 to -4, where its value is below 1.3e-4; the slope of gelu 4e-7 absolute from -12 to
/// 12.
package struct ElementwiseKernels: Sendable {
    /// `output[i] = f(input[i])` for `count` elements.
    package typealias Unary = @Sendable (_ input: FloatInput, _ output: FloatOutput, _ count: Int) -> Void
    /// `output[i] = f(left[i], right[i])` for `count` elements.
    package typealias Binary =
        @Sendable (_ left: FloatInput, _ right: FloatInput, _ output: FloatOutput, _ count: Int) -> Void

    package let add: Binary
    package let subtract: Binary
    package let multiply: Binary
    /// `output = alpha * input + beta * output`; with beta 0, output is not read.
    package let scaleAdd:
        @Sendable (_ alpha: Float, _ input: FloatInput, _ beta: Float, _ output: FloatOutput, _ count: Int) -> Void

    /// max(x, 0)
    package let relu: Unary
    /// x Φ(x)
    package let gelu: Unary
    /// 1 / (1 + exp(-x))
    package let sigmoid: Unary
    /// exp(x)
    package let exp: Unary
    /// (input x, gradient dy) -> dx of relu
    package let reluBackward: Binary
    /// (input x, gradient dy) -> dx of gelu: dy (Φ(x) + x φ(x))
    package let geluBackward: Binary
    /// The value of gelu and its slope Φ(x) + x φ(x), which times dy is what `geluBackward` gives; either may be in place.
    package let geluAndSlope:
        @Sendable (_ input: FloatInput, _ value: FloatOutput, _ slope: FloatOutput, _ count: Int) -> Void
    /// (output y, gradient dy) -> dx of sigmoid: dy y (1 - y)
    package let sigmoidBackward: Binary

    package init(
        add: @escaping Binary, subtract: @escaping Binary, multiply: @escaping Binary,
        scaleAdd: @escaping @Sendable (Float, FloatInput, Float, FloatOutput, Int) -> Void,
        relu: @escaping Unary, gelu: @escaping Unary, sigmoid: @escaping Unary,
        exp: @escaping Unary, reluBackward: @escaping Binary, geluBackward: @escaping Binary,
        geluAndSlope: @escaping @Sendable (FloatInput, FloatOutput, FloatOutput, Int) -> Void,
        sigmoidBackward: @escaping Binary
    ) {
        self.add = add
        self.subtract = subtract
        self.multiply = multiply
        self.scaleAdd = scaleAdd
        self.relu = relu
        self.gelu = gelu
        self.sigmoid = sigmoid
        self.exp = exp
        self.reluBackward = reluBackward
        self.geluBackward = geluBackward
        self.geluAndSlope = geluAndSlope
        self.sigmoidBackward = sigmoidBackward
    }
}
