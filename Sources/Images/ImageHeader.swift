/// What an image file says about itself before any pixel is decoded.
package struct ImageHeader: Sendable, Hashable {
    /// How samples make a pixel, as stored.
    package enum Colour: String, Sendable, Hashable, CaseIterable {
        case gray
        case rgb
        case palette
        case grayAlpha = "gray+alpha"
        case rgba
        case cmyk
        case ycck
    }

    package var format: ImageFormat
    /// Pixels a row as stored, before any EXIF orientation.
    package var width: Int
    /// Rows as stored, before any EXIF orientation.
    package var height: Int
    /// Bits per sample as stored.
    package var bitDepth: Int
    package var colour: Colour
    /// EXIF orientation, 1 (as stored) to 8; 1 when absent or invalid.
    package var exifOrientation: Int
    /// Whether the end marker (PNG IEND, JPEG EOI) or a part of the pixels (TIFF) is missing: seen from the structure,
    /// without decoding.
    package var isTruncated: Bool
    /// Whether the file holds more than one frame (APNG); the first is what decoding gives.
    package var isAnimated: Bool
}
