internal import KernelABI

// Four pixels at a time, each in a word of 64 bits: the two neighbours on a line are six bytes. No widening conversion
// of SIMD vectors anywhere: it would leave weak duplicates across the builds.

/// Sixteen samples of 16 bits: four words.
private typealias PixelSamples = SIMD16<UInt16>
/// Four pixels with their right neighbours.
private typealias PixelWords = SIMD4<UInt64>

@inline(always) private func pixelSamples(_ words: PixelWords) -> PixelSamples {
    unsafeBitCast(words, to: PixelSamples.self)
}
@inline(always) private func pixelWords(_ samples: PixelSamples) -> PixelWords {
    unsafeBitCast(samples, to: PixelWords.self)
}

@inline(always) private func word(_ address: UnsafeRawPointer) -> UInt64 {
    address.loadUnaligned(as: UInt64.self)
}

/// The 16 bits behind the point of four places, each in all lanes of its word.
@inline(always) private func fractions(_ place: Int, _ step: Int) -> PixelSamples {
    let one = PixelWords(
        UInt64(truncatingIfNeeded: place & 0xffff), UInt64(truncatingIfNeeded: (place &+ step) & 0xffff),
        UInt64(truncatingIfNeeded: (place &+ 2 &* step) & 0xffff),
        UInt64(truncatingIfNeeded: (place &+ 3 &* step) & 0xffff))
    let two = one | (one &<< PixelWords(repeating: 16))
    return pixelSamples(two | (two &<< PixelWords(repeating: 32)))
}

/// `(a (128 - share) + b share) / 128`, rounded.
@inline(always) private func blend(_ a: PixelSamples, _ b: PixelSamples, _ share: PixelSamples) -> PixelSamples {
    let keep = PixelSamples(repeating: 128) &- share
    let sum = a &* keep &+ b &* share &+ PixelSamples(repeating: 64)
    return sum &>> PixelSamples(repeating: 7)
}

@inline(never) func bilinearLine(
    _ source: ByteInput, _ stride: Int, _ x: Int, _ y: Int, _ dx: Int, _ dy: Int, _ count: Int, _ output: ByteOutput
) {
    let upper = UnsafeRawPointer(source)
    let lower = upper + stride
    var (x, y) = (x, y)
    var (partX, partY) = (fractions(x, dx), fractions(y, dy))
    let stepX = PixelSamples(repeating: UInt16(truncatingIfNeeded: 4 &* dx))
    let stepY = PixelSamples(repeating: UInt16(truncatingIfNeeded: 4 &* dy))
    var index = 0
    // Eight bytes are stored of six: at least one pixel is left for the loop below.
    while index &+ 4 < count {
        let a = (y &>> 16) &* stride &+ (x &>> 16) &* 3
        (x, y) = (x &+ dx, y &+ dy)
        let b = (y &>> 16) &* stride &+ (x &>> 16) &* 3
        (x, y) = (x &+ dx, y &+ dy)
        let c = (y &>> 16) &* stride &+ (x &>> 16) &* 3
        (x, y) = (x &+ dx, y &+ dy)
        let d = (y &>> 16) &* stride &+ (x &>> 16) &* 3
        (x, y) = (x &+ dx, y &+ dy)
        let top = pixelSamples(PixelWords(word(upper + a), word(upper + b), word(upper + c), word(upper + d)))
        let bottom = pixelSamples(PixelWords(word(lower + a), word(lower + b), word(lower + c), word(lower + d)))
        let low = PixelSamples(repeating: 0xff)
        let eight = PixelSamples(repeating: 8)
        let nine = PixelSamples(repeating: 9)
        let shareY = partY &>> nine
        // Bytes 0, 2, 4 of each word are r0, b0, g1; bytes 1, 3, 5 are g0, r1, b1.
        let even = pixelWords(blend(top & low, bottom & low, shareY))
        let odd = pixelWords(blend(top &>> eight, bottom &>> eight, shareY))
        // Lanes r, b, g of the left and the right neighbour.
        let left = (even & PixelWords(repeating: 0xffff_ffff)) | (odd &<< PixelWords(repeating: 32))
        let right =
            ((odd &>> PixelWords(repeating: 16)) & PixelWords(repeating: 0xffff_ffff))
            | (even & PixelWords(repeating: 0xffff_0000_0000))
        let blended = pixelWords(blend(pixelSamples(left), pixelSamples(right), partX &>> nine))
        let pixels =
            (blended & PixelWords(repeating: 0xff_00ff))
            | ((blended &>> PixelWords(repeating: 24)) & PixelWords(repeating: 0xff00))
        (partX, partY) = (partX &+ stepX, partY &+ stepY)
        let target = UnsafeMutableRawPointer(output + 3 &* index)
        target.storeBytes(of: pixels[0] | (pixels[1] &<< 24), as: UInt64.self)
        target.storeBytes(of: pixels[2] | (pixels[3] &<< 24), toByteOffset: 6, as: UInt64.self)
        index &+= 4
    }
    while index < count {
        let offset = (y &>> 16) &* stride &+ (x &>> 16) &* 3
        let pixel = source + offset
        let (shareX, shareY) = ((x &>> 9) & 127, (y &>> 9) & 127)
        for channel in 0..<3 {
            let left = blend(Int(pixel[channel]), Int(pixel[stride &+ channel]), shareY)
            let right = blend(Int(pixel[3 &+ channel]), Int(pixel[stride &+ 3 &+ channel]), shareY)
            output[3 &* index &+ channel] = UInt8(truncatingIfNeeded: blend(left, right, shareX))
        }
        (x, y) = (x &+ dx, y &+ dy)
        index &+= 1
    }
}

@inline(always) private func blend(_ a: Int, _ b: Int, _ share: Int) -> Int {
    (a &* (128 &- share) &+ b &* share &+ 64) &>> 7
}
