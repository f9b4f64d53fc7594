private import Foundation
package import Images

/// A change of gamma, contrast and brightness, the same for every pixel and channel.
///
/// For a sample v in 0...1: `clamp(contrast * v^gamma + brightness, 0, 1)`, rounded to a byte. The parameters mean what
/// they mean in albumentations' `RandomGamma` and `RandomBrightnessContrast` (contrast = 1 + its contrast limit).
package struct PhotometricTransform: Sendable, Hashable {
    /// Added, in parts of full scale: -1...1, 0 for no change.
    package var brightness: Double
    /// Factor, at least 0; 1 for no change.
    package var contrast: Double
    /// Exponent, above 0; 1 for no change, above 1 darkens.
    package var gamma: Double

    package static let identity = PhotometricTransform()

    package init(brightness: Double = 0, contrast: Double = 1, gamma: Double = 1) {
        precondition(contrast >= 0 && gamma > 0, "contrast \(contrast) must be >= 0 and gamma \(gamma) > 0")
        self.brightness = brightness
        self.contrast = contrast
        self.gamma = gamma
    }

    /// What each of the 256 byte values becomes.
    package var table: [UInt8] {
        (0..<256).map { value in
            let changed = contrast * Foundation.pow(Double(value) / 255, gamma) + brightness
            return UInt8((min(1, max(0, changed)) * 255).rounded())
        }
    }

    /// The changed image.
    package func callAsFunction(_ image: RGBImage) -> RGBImage {
        if self == .identity { return image }
        var image = image
        table.withUnsafeBufferPointer { table in
            image.pixels.withUnsafeMutableBufferPointer { pixels in
                for index in pixels.indices { pixels[index] = table[Int(pixels[index])] }
            }
        }
        return image
    }
}
