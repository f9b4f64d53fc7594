internal import Images
internal import Masks
internal import Runtime

/// The picture of one record: the image, and beside it the image with its labels.
struct LabelPicture {
    /// One object to draw.
    struct Label {
        var mask: RLE
        var name: String
        var isCrowd: Bool
        /// The category's id, where it is a number.
        var category = 0
    }

    /// Decodes a record's image and turns it into the frame of its masks.
    ///
    /// - Parameters:
    ///   - exif: the orientation, 1...8, that leads from the stored pixels to the masks' frame.
    ///   - statedWidth: what the labels say of that frame, where they do; the same for `statedHeight`.
    ///   - location: of the image, for errors.
    /// - Throws: `ImageError`, or `InspectError.mismatch` when the masks are for an image of another size.
    static func image(
        _ encoded: [UInt8], exif: Int = 1, statedWidth: Int?, statedHeight: Int?, at location: DataLocation
    ) throws -> RGBImage {
        let image: RGBImage
        do throws(ImageError) {
            image = try ImageCodec.decodeRGB(encoded).oriented(exif: exif)
        } catch {
            var located = error
            located.location = location
            throw located
        }
        let (width, height) = (statedWidth ?? image.width, statedHeight ?? image.height)
        guard width == image.width, height == image.height else {
            throw InspectError(
                .mismatch,
                "the image is \(image.width) x \(image.height) pixels, the labels say \(width) x \(height); "
                    + "labels of an image turned by EXIF, or of another image", at: location)
        }
        return image
    }

    /// - Parameters:
    ///   - image: the record's image, in the frame of the masks.
    ///   - labels: masks of the image's size.
    static func draw(_ image: RGBImage, labels: [Label]) -> RGBImage {
        let scale = Canvas.comfortableScale(height: image.height, width: image.width)
        var canvas = Canvas(image, scale: scale)
        // Crowds first, so that single objects stay visible on top of them.
        let ordered = labels.enumerated().sorted { a, b in
            a.element.isCrowd == b.element.isCrowd ? a.offset < b.offset : a.element.isCrowd
        }
        for (index, label) in ordered {
            let mask = label.mask.bitmap().pixels
            canvas.fill(mask: mask, colour: .distinct(index), opacity: label.isCrowd ? 0.2 : 0.35)
            canvas.outline(mask: mask, colour: .distinct(index))
        }
        // Names are readable only where there are few.
        if labels.count <= 12 {
            for (index, label) in ordered where !label.name.isEmpty {
                let box = label.mask.boundingBox
                canvas.text(
                    label.name, row: max(0, Int(box.y) * scale - Canvas.textExtent("A").height),
                    column: Int(box.x) * scale, colour: .distinct(index))
            }
        }
        return Canvas.sideBySide([
            (title: "image", image: Canvas(image, scale: scale).image),
            (title: labels.count == 1 ? "1 object" : "\(labels.count) objects", image: canvas.image),
        ])
    }
}
