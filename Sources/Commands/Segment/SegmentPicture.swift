internal import Annotations
internal import Images
private import Masks

/// Draws what was found over an image.
enum SegmentPicture {
    /// The image with each object tinted and outlined in a colour of its own, smaller ones on top of larger ones; small
    /// images are enlarged.
    ///
    /// - Throws: `MaskError` for annotations that are not of the image.
    static func draw(_ annotations: [COCOAnnotation], over image: RGBImage) throws -> RGBImage {
        var picture = image
        let order = annotations.indices.sorted {
            let (first, second) = (annotations[$0].area ?? 0, annotations[$1].area ?? 0)
            return first != second ? first > second : $0 < $1
        }
        for index in order {
            guard let rle = try annotations[index].segmentation?.rle(height: image.height, width: image.width),
                let bounds = rle.bounds
            else { continue }
            // Only the object's own rectangle is touched, so that thousands of objects cost no more than their pixels.
            let mask = rle.cropped(rows: bounds.rows, columns: bounds.columns).bitmap()
            paint(mask, row: bounds.rows.lowerBound, column: bounds.columns.lowerBound, .distinct(index), &picture)
        }
        return Canvas(picture, scale: Canvas.comfortableScale(height: image.height, width: image.width)).image
    }

    private static func paint(
        _ mask: Bitmap, row top: Int, column left: Int, _ colour: RGBColour, _ picture: inout RGBImage
    ) {
        let edge = mask.edge()
        let channels = [colour.red, colour.green, colour.blue].map(Int.init)
        let width = picture.width
        picture.pixels.withUnsafeMutableBufferPointer { pixels in
            for row in 0..<mask.height {
                for column in 0..<mask.width {
                    let index = row * mask.width + column
                    guard mask.pixels[index] != 0 else { continue }
                    // Three parts in eight of the colour inside, all of it on the outline.
                    let weight = edge.pixels[index] != 0 ? 8 : 3
                    let offset = ((top + row) * width + left + column) * 3
                    for channel in 0..<3 {
                        let mixed = (Int(pixels[offset + channel]) * (8 - weight) + channels[channel] * weight + 4) / 8
                        pixels[offset + channel] = UInt8(mixed)
                    }
                }
            }
        }
    }
}
