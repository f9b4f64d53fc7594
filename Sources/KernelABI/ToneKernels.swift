/// Kernels for the lightness of pixels, and for values that change by place. Floats are added and multiplied one by one, so
/// that every level gives the same bits.
///
/// Tables of a lightness: `linear`, the light of each byte; `roots`, the function f of CIE L*a*b* at `steps` + 1 places of
/// 0...1 and one more; `bytes`, the byte of each of the `steps` + 1 places.
package struct ToneKernels: Sendable {
    /// Steps of the tables over 0...1.
    package static let steps = 8192
    /// Floats of scratch memory that a kernel wants.
    package static let scratchCount = 12 * tile
    /// Pixels that a kernel takes at once: what it keeps of them stays in the nearest cache.
    package static let tile = 256

    /// `output[i]` = L* of pixel i, in 255 parts.
    package let lightness:
        @Sendable (
            _ pixels: ByteInput, _ count: Int, _ linear: FloatInput, _ roots: FloatInput, _ scratch: FloatOutput,
            _ output: ByteOutput
        ) -> Void
    /// Pixels with another L*: `new[i]` instead of `old[i]`, hue and chroma kept, cut to what bytes can hold.
    package let relight:
        @Sendable (
            _ pixels: ByteInput, _ old: ByteInput, _ new: ByteInput, _ count: Int, _ linear: FloatInput,
            _ roots: FloatInput, _ bytes: ByteInput, _ scratch: FloatOutput, _ output: ByteOutput
        ) -> Void
    /// Values looked up in four tables and blended: `quads[v]` holds what value v becomes at the upper left, upper right,
    /// lower left and lower right; `sharesX[i]` is how far pixel i is to the right, `shareY` how far down. Rounded to even.
    package let blendTables:
        @Sendable (
            _ values: ByteInput, _ count: Int, _ quads: UnsafePointer<UInt32>, _ sharesX: FloatInput, _ shareY: Float,
            _ scratch: FloatOutput, _ output: ByteOutput
        ) -> Void

    package init(
        lightness: @escaping @Sendable (ByteInput, Int, FloatInput, FloatInput, FloatOutput, ByteOutput) -> Void,
        relight:
            @escaping @Sendable (
                ByteInput, ByteInput, ByteInput, Int, FloatInput, FloatInput, ByteInput, FloatOutput, ByteOutput
            ) -> Void,
        blendTables:
            @escaping @Sendable (
                ByteInput, Int, UnsafePointer<UInt32>, FloatInput, Float, FloatOutput, ByteOutput
            ) -> Void
    ) {
        self.lightness = lightness
        self.relight = relight
        self.blendTables = blendTables
    }
}
