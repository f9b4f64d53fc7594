/// Numbers of 16 bits that a kernel reads: bfloat16 or half precision.
package typealias HalfInput = UnsafePointer<UInt16>
/// Numbers of 16 bits that a kernel writes.
package typealias HalfOutput = UnsafeMutablePointer<UInt16>

/// Kernels between Float and the formats of 16 bits, over arrays. To the nearest, ties to even; infinities stay, what is
/// too large becomes one, subnormal numbers are right, and what is not a number stays so, quiet, with its upper bits.
package struct ConversionKernels: Sendable {
    package typealias Narrow = @Sendable (_ input: FloatInput, _ output: HalfOutput, _ count: Int) -> Void
    package typealias Widen = @Sendable (_ input: HalfInput, _ output: FloatOutput, _ count: Int) -> Void

    package let toBFloat16: Narrow
    package let fromBFloat16: Widen
    package let toFloat16: Narrow
    package let fromFloat16: Widen

    package init(
        toBFloat16: @escaping Narrow, fromBFloat16: @escaping Widen, toFloat16: @escaping Narrow,
        fromFloat16: @escaping Widen
    ) {
        self.toBFloat16 = toBFloat16
        self.fromBFloat16 = fromBFloat16
        self.toFloat16 = toFloat16
        self.fromFloat16 = fromFloat16
    }
}
