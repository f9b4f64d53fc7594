package import Annotations
package import Images
package import Runtime

/// A labelled image on its way through stages. Its pixels are decoded only when a stage asks for them, or has changed
/// them and the image is written.
package struct StagedSample: Sendable {
    /// Position among the source's images. Randomness is keyed with it, so that it is the same for any thread and order.
    package let sourceIndex: Int
    /// What the image's file says of itself.
    package let header: ImageHeader
    /// Image and objects; its size is the frame of masks and boxes.
    ///
    /// `encoded` and `exifOrientation` are those of the source's file until the sample is written: stages change pixels
    /// with ``replacePixels(width:height:_:)``.
    package var labelled: LabelledImage
    /// How often the sample is to come up in an epoch, on average.
    package var repeats = 1.0
    /// How changed pixels will be written.
    package var encoding = ImageEncoding()
    /// Whether a stage has changed the pixels.
    package private(set) var hasNewPixels = false
    private var pixels: SamplePixels

    package init(_ labelled: LabelledImage, sourceIndex: Int, header: ImageHeader) {
        precondition(
            labelled.image.width != nil && labelled.image.height != nil, "image \(labelled.image.id) has no size")
        self.sourceIndex = sourceIndex
        self.header = header
        self.labelled = labelled
        let (encoded, orientation) = (labelled.encoded, labelled.exifOrientation)
        pixels = SamplePixels { try ImageCodec.decodeRGB(encoded).oriented(exif: orientation) }
    }

    /// Width in pixels of the frame of masks and boxes.
    package var width: Int { labelled.image.width ?? 0 }
    /// Height in pixels of the frame of masks and boxes.
    package var height: Int { labelled.image.height ?? 0 }
    package var objects: [LabelledObject] {
        get { labelled.objects }
        set { labelled.objects = newValue }
    }
    /// Where the image stands in the data.
    package var location: DataLocation { labelled.image.location }

    /// The pixels in the frame of masks and boxes; decoded at the first call, which may be any stage's.
    ///
    /// - Throws: `ImageError` when the image is damaged; the image is then dropped.
    package func image() throws -> RGBImage { try pixels.image() }

    /// Gives the sample other pixels, made of those that it has when somebody wants them.
    ///
    /// - Parameters:
    ///   - width: of the new pixels, which objects have to fit.
    ///   - height: likewise.
    ///   - change: makes an image of that size; must depend on its argument alone.
    package mutating func replacePixels(
        width: Int, height: Int, _ change: @escaping @Sendable (RGBImage) throws -> RGBImage
    ) {
        let before = pixels
        pixels = SamplePixels {
            let image = try change(before.image())
            precondition(
                image.width == width && image.height == height,
                "a stage said \(width) x \(height) and made \(image.width) x \(image.height) pixels")
            return image
        }
        labelled.image.width = width
        labelled.image.height = height
        hasNewPixels = true
    }

    /// The sample as it is to be written: new pixels are encoded, others keep their file's bytes.
    ///
    /// - Throws: `ImageError` when the image is damaged.
    package func finished() throws -> LabelledImage {
        guard hasNewPixels else { return labelled }
        var finished = labelled
        finished.encoded = try encoding.encode(image(), original: header.format)
        finished.exifOrientation = 1
        finished.image.fileName = fileName
        return finished
    }

    /// About how many bytes the image will take.
    var estimatedBytes: Int {
        hasNewPixels
            ? encoding.estimatedBytes(width: width, height: height, original: header.format) : labelled.encoded.count
    }

    /// The name, with the extension of the format that new pixels are written in.
    private var fileName: String {
        let name = labelled.image.fileName
        guard let format = encoding.format, format != header.format else { return name }
        let known = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".PNG", ".JPG", ".JPEG", ".TIF", ".TIFF"]
        let stem = known.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
        return stem + (format == .png ? ".png" : ".jpg")
    }
}
