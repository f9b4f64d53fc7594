private import Foundation
package import Images
internal import Runtime

/// What images are the same by.
package enum ImageFingerprint {
    /// The first 128 bits of the SHA-256 of the file's bytes.
    static func ofBytes(_ bytes: [UInt8]) -> SIMD2<UInt64> { head(of: SHA256Digest.hex(bytes)) }

    /// The first 128 bits of the SHA-256 of size and pixels.
    static func ofPixels(_ image: RGBImage) -> SIMD2<UInt64> {
        let stream = SHA256Stream()
        Array("\(image.height) \(image.width)\n".utf8).withUnsafeBytes { stream.update($0) }
        image.pixels.withUnsafeBytes { stream.update($0) }
        return head(of: stream.finish())
    }

    /// The 64 bits of the perceptual hash by cosine transform: scaled to 32 x 32 and grey, the 8 x 8 lowest frequencies,
    /// each above their median or not, row by row from the highest bit. Equal up to scale and small changes of contrast and compression.
    ///
    /// The definition is `phash` of the Python package imagehash, with another filter for scaling.
    package static func perceptual(_ image: RGBImage) -> UInt64 {
        let small = image.resized(width: side, height: side)
        let grey = (0..<side * side).map { pixel in
            let (red, green, blue) = (small.pixels[3 * pixel], small.pixels[3 * pixel + 1], small.pixels[3 * pixel + 2])
            return 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)
        }
        // Columns first, of which only the lowest frequencies are wanted; then rows.
        var columns = [Double](repeating: 0, count: low * side)
        for frequency in 0..<low {
            for row in 0..<side {
                let weight = cosines[frequency * side + row]
                for column in 0..<side { columns[frequency * side + column] += weight * grey[row * side + column] }
            }
        }
        var spectrum: [Double] = []
        for vertical in 0..<low {
            for horizontal in 0..<low {
                var sum = 0.0
                for column in 0..<side {
                    sum += cosines[horizontal * side + column] * columns[vertical * side + column]
                }
                spectrum.append(sum)
            }
        }
        let sorted = spectrum.sorted()
        let median = (sorted[spectrum.count / 2 - 1] + sorted[spectrum.count / 2]) / 2
        return spectrum.reduce(0) { $0 << 1 | ($1 > median ? 1 : 0) }
    }

    private static let side = 32
    private static let low = 8
    /// `cos(pi k (2 n + 1) / 64)` by frequency k and place n.
    private static let cosines: [Double] = (0..<low).flatMap { k in
        (0..<side).map { n in cos(.pi * Double(k * (2 * n + 1)) / Double(2 * side)) }
    }

    private static func head(of digest: String) -> SIMD2<UInt64> {
        let digits = Array(digest)
        return SIMD2(
            UInt64(String(digits[0..<16]), radix: 16) ?? 0, UInt64(String(digits[16..<32]), radix: 16) ?? 0)
    }
}
