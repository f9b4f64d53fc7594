/// A picture to draw on: an image, enlarged by a whole factor, with labels on top.
///
/// Coordinates of masks, boxes and points are pixels of the original image, so that a thin outline drawn on an enlarged
/// picture does not hide small objects. Whatever lies outside is cut off.
package struct Canvas: Sendable {
    /// Rows of the original image.
    package let sourceHeight: Int
    /// Columns of the original image.
    package let sourceWidth: Int
    /// Canvas pixels per image pixel along an axis.
    package let scale: Int
    /// What has been drawn so far: [sourceHeight * scale, sourceWidth * scale].
    package private(set) var image: RGBImage

    /// Enlarges the image by `scale`, at least 1; pixels are repeated, not blended, so that they stay visible as pixels.
    package init(_ image: RGBImage, scale: Int = 1) {
        precondition(scale >= 1, "canvas scale \(scale) is below 1")
        sourceHeight = image.height
        sourceWidth = image.width
        self.scale = scale
        self.image = scale == 1 ? image : Self.enlarged(image, by: scale)
    }

    /// The factor at which an image of this size is comfortable to look at: its longer side reaches about 512 pixels.
    package static func comfortableScale(height: Int, width: Int) -> Int { max(1, 512 / max(height, width, 1)) }

    private static func enlarged(_ source: RGBImage, by scale: Int) -> RGBImage {
        let rowBytes = source.width * scale * 3
        let pixels = [UInt8](unsafeUninitializedCapacity: rowBytes * source.height * scale) { out, count in
            var target = 0
            for row in 0..<source.height * scale {
                var offset = row / scale * source.width * 3
                for _ in 0..<source.width {
                    for _ in 0..<scale {
                        out[target] = source.pixels[offset]
                        out[target + 1] = source.pixels[offset + 1]
                        out[target + 2] = source.pixels[offset + 2]
                        target += 3
                    }
                    offset += 3
                }
            }
            count = rowBytes * source.height * scale
        }
        return RGBImage(height: source.height * scale, width: source.width * scale, pixels: pixels)
    }

    /// Mixes a colour into a rectangle of canvas pixels, as far as it lies on the canvas.
    mutating func paint(rows: Range<Int>, columns: Range<Int>, _ colour: RGBColour, opacity: Double = 1) {
        let rows = rows.clamped(to: 0..<image.height)
        let columns = columns.clamped(to: 0..<image.width)
        guard !rows.isEmpty, !columns.isEmpty else { return }
        let weight = Int((min(1, max(0, opacity)) * 256).rounded())
        let width = image.width
        let channels = [Int(colour.red), Int(colour.green), Int(colour.blue)]
        for row in rows {
            for offset in (row * width + columns.lowerBound) * 3..<(row * width + columns.upperBound) * 3 {
                let old = Int(image.pixels[offset])
                let mixed = (old * (256 - weight) + channels[offset % 3] * weight + 128) >> 8
                image.pixels[offset] = UInt8(mixed)
            }
        }
    }

    /// Copies a picture onto the canvas; (`row`, `column`) is where its top left pixel goes, in canvas pixels.
    package mutating func paste(_ picture: RGBImage, row: Int, column: Int) {
        let rows = (row..<row + picture.height).clamped(to: 0..<image.height)
        let columns = (column..<column + picture.width).clamped(to: 0..<image.width)
        guard !columns.isEmpty else { return }
        for line in rows {
            let source = ((line - row) * picture.width + columns.lowerBound - column) * 3
            let target = (line * image.width + columns.lowerBound) * 3
            image.pixels.replaceSubrange(
                target..<target + columns.count * 3, with: picture.pixels[source..<source + columns.count * 3])
        }
    }
}
