/// Bytes of pixels that a kernel reads.
package typealias ByteInput = UnsafePointer<UInt8>
/// Bytes of pixels that a kernel writes.
package typealias ByteOutput = UnsafeMutablePointer<UInt8>

/// Kernels on pixels of three bytes, red, green and blue. Whole numbers only: every level gives the same bits.
package struct PixelKernels: Sendable {
    /// Pixels along a straight line through the source, each a blend of the four around it:
    /// `output[i] = source at (x + i dx, y + i dy)`, where a whole place is the middle of a pixel. Places have 16 bits
    /// behind the point, shares 7; both blends are rounded to bytes.
    ///
    /// Eight bytes are read at the pixel to the upper left and one line below: two and a half pixels must be there.
    package let bilinearLine:
        @Sendable (
            _ source: ByteInput, _ stride: Int, _ x: Int, _ y: Int, _ dx: Int, _ dy: Int, _ count: Int,
            _ output: ByteOutput
        ) -> Void
    /// One line resampled across by weights of 22 bits: `output[i] = (sum over t of weights[t, i] source[starts[i] + t] +
    /// half) >> 22`, at most 255. Weights are [taps, 3 count], each three times, for each byte of a pixel. Four bytes are
    /// read at each pixel, whatever its weight. `scratch` holds `2 (3 count + 4)` bytes and `sums` `3 count` numbers.
    package let resampleLine:
        @Sendable (
            _ source: ByteInput, _ starts: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>, _ taps: Int,
            _ count: Int, _ scratch: ByteOutput, _ sums: UnsafeMutablePointer<Int32>, _ output: ByteOutput
        ) -> Void
    /// Lines one below the other, weighed and added, in the same arithmetic, for `count` bytes.
    package let blendLines:
        @Sendable (
            _ source: ByteInput, _ stride: Int, _ weights: UnsafePointer<Int32>, _ lines: Int, _ count: Int,
            _ output: ByteOutput
        ) -> Void
    /// Pixels to three planes of samples with three bits behind the point, 0...2040.
    package let split:
        @Sendable (_ pixels: ByteInput, _ count: Int, _ planes: UnsafeMutablePointer<Int16>, _ stride: Int) -> Void
    /// The way back, rounded.
    package let join:
        @Sendable (_ planes: UnsafePointer<Int16>, _ stride: Int, _ count: Int, _ pixels: ByteOutput) -> Void
    /// `values = values factor / 4096 + offset`, within 0...2040.
    package let scale:
        @Sendable (_ values: UnsafeMutablePointer<Int16>, _ count: Int, _ factor: Int16, _ offset: Int16) -> Void
    /// Away from the grey of equal luma or towards it: `grey + (value - grey) factor / 4096`, within 0...2040.
    package let saturate:
        @Sendable (_ planes: UnsafeMutablePointer<Int16>, _ stride: Int, _ count: Int, _ factor: Int16) -> Void
    /// Turns the hue (of hue, saturation and value) by `shift / 4096` sixths of the circle, 0 ..< 6 of them.
    package let turnHue:
        @Sendable (_ planes: UnsafeMutablePointer<Int16>, _ stride: Int, _ count: Int, _ shift: Int16) -> Void

    /// Adds to hue (sixths of the circle, 0 ..< 6), saturation and value (parts of full scale); grey stays grey.
    package let shiftHSV:
        @Sendable (
            _ planes: UnsafeMutablePointer<Int16>, _ stride: Int, _ count: Int, _ hue: Float, _ saturation: Float,
            _ value: Float
        ) -> Void
    /// Each sample the median of the `size` x `size` samples of its channel around it; `size` is odd, 3...15. Samples are
    /// bytes less 128, lines `stride` apart; the first is `size / 2` lines above and as many pixels to the left of the
    /// sample that the first of `count` bytes of output is of. `scratch` holds `5 stride` bytes. Lines are read, and scratch
    /// is written, up to 128 bytes behind `count + 3 (size - 1)`.
    package let medianLine:
        @Sendable (
            _ lines: UnsafePointer<Int8>, _ stride: Int, _ size: Int, _ count: Int,
            _ scratch: UnsafeMutablePointer<Int8>, _ output: ByteOutput
        ) -> Void
    /// Lightness.
    package let tones: ToneKernels

    package init(
        bilinearLine: @escaping @Sendable (ByteInput, Int, Int, Int, Int, Int, Int, ByteOutput) -> Void,
        resampleLine:
            @escaping @Sendable (
                ByteInput, UnsafePointer<Int32>, UnsafePointer<Int32>, Int, Int, ByteOutput,
                UnsafeMutablePointer<Int32>, ByteOutput
            ) -> Void,
        blendLines: @escaping @Sendable (ByteInput, Int, UnsafePointer<Int32>, Int, Int, ByteOutput) -> Void,
        split: @escaping @Sendable (ByteInput, Int, UnsafeMutablePointer<Int16>, Int) -> Void,
        join: @escaping @Sendable (UnsafePointer<Int16>, Int, Int, ByteOutput) -> Void,
        scale: @escaping @Sendable (UnsafeMutablePointer<Int16>, Int, Int16, Int16) -> Void,
        saturate: @escaping @Sendable (UnsafeMutablePointer<Int16>, Int, Int, Int16) -> Void,
        turnHue: @escaping @Sendable (UnsafeMutablePointer<Int16>, Int, Int, Int16) -> Void,
        shiftHSV: @escaping @Sendable (UnsafeMutablePointer<Int16>, Int, Int, Float, Float, Float) -> Void,
        medianLine:
            @escaping @Sendable (
                UnsafePointer<Int8>, Int, Int, Int, UnsafeMutablePointer<Int8>, ByteOutput
            ) -> Void,
        tones: ToneKernels
    ) {
        self.bilinearLine = bilinearLine
        self.resampleLine = resampleLine
        self.blendLines = blendLines
        self.split = split
        self.join = join
        self.scale = scale
        self.saturate = saturate
        self.turnHue = turnHue
        self.shiftHSV = shiftHSV
        self.medianLine = medianLine
        self.tones = tones
    }
}
