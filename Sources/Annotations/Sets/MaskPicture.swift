internal import Foundation
internal import Images
internal import Masks

/// A mask as a PNG inside of another file, placed somewhere in its image.
enum MaskPicture {
    /// More bytes of base64 than this are refused.
    private static let maximumBytes = 64 << 20

    /// The mask of a PNG whose upper left pixel is at (`x`, `y`); what lies outside the image is cut off.
    ///
    /// - Throws: `ImageError`, `MaskError`.
    static func mask(png: [UInt8], x: Int, y: Int, height: Int, width: Int) throws -> RLE {
        let labels = try ImageCodec.decodeLabels(png)
        let values = labels.channels == 4 || labels.channels == 2 ? alphaOrValue(labels) : labels.mapValues
        let bitmap = Bitmap(height: height, width: width) { target in
            for row in max(0, -y)..<max(max(0, -y), min(labels.height, height - y)) {
                for column in max(0, -x)..<max(max(0, -x), min(labels.width, width - x))
                where values[row * labels.width + column] != 0 {
                    target[(y + row) * width + x + column] = 1
                }
            }
        }
        return RLE(bitmap)
    }

    /// Alpha, where it says anything; else the colour.
    private static func alphaOrValue(_ labels: LabelImage) -> [UInt32] {
        let last = labels.channels - 1
        let alpha = stride(from: last, to: labels.values.count, by: labels.channels).map { UInt32(labels.values[$0]) }
        let top = UInt32(1 << labels.bitDepth - 1)
        return alpha.allSatisfy { $0 == top } ? labels.mapValues : alpha
    }

    /// A PNG in base64, with or without `data:image/png;base64,` in front; nil for anything else.
    static func bytes(base64 text: String) -> [UInt8]? {
        guard text.utf8.count <= maximumBytes else { return nil }
        let body = text.hasPrefix("data:") ? text.drop { $0 != "," }.dropFirst() : text[...]
        return Data(base64Encoded: String(body), options: .ignoreUnknownCharacters).map { Array($0) }
    }

    /// The foreground's box as a PNG of 0 and 255 in base64; the mask is not empty.
    static func base64(_ mask: RLE) throws -> (text: String, rows: Range<Int>, columns: Range<Int>)? {
        guard let bounds = mask.bounds else { return nil }
        let part = mask.cropped(rows: bounds.rows, columns: bounds.columns).bitmap()
        let png = try ImageCodec.encodePNG(
            gray: part.pixels.map { $0 == 0 ? 0 : 255 }, width: part.width, height: part.height)
        return (Data(png).base64EncodedString(), bounds.rows, bounds.columns)
    }
}
