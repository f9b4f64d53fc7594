internal import CImageShims

extension ImageCodec {
    /// A TIFF's pixels as PNG: gray and RGB of 8 and 16 bits as they are stored, 1 bit stretched to 8, palettes looked up,
    /// alpha dropped.
    ///
    /// - Parameter applyOrientation: turn the pixels as the TIFF says; PNG itself has no word for it.
    /// - Throws: `ImageError` for a TIFF that cannot be decoded.
    package static func png(
        ofTIFF bytes: UnsafeRawBufferPointer, applyOrientation: Bool = false
    ) throws(ImageError) -> [UInt8] {
        let reader = try TIFFReader(bytes)
        let orientation = applyOrientation ? try reader.header().exifOrientation : 1
        let image = try reader.image()
        if image.bitDepth == 16 {
            let (values, channels) = (image.colourValues, image.channels >= 3 ? 3 : 1)
            let stored = LabelImage(
                height: image.height, width: image.width, bitDepth: 16, channels: channels, values: values
            ).oriented(exif: orientation)
            return try encodePNG(stored: stored)
        }
        if image.channels <= 2, image.palette == nil {
            let factor: UInt16 = image.bitDepth == 1 ? 255 : 1
            let stored = LabelImage(
                height: image.height, width: image.width, bitDepth: 8, channels: 1,
                values: image.colourValues.map { $0 &* factor }
            ).oriented(exif: orientation)
            return try encodePNG(stored: stored)
        }
        return try encodePNG(RGBImage(stored: image).oriented(exif: orientation))
    }

    /// Samples of 8 or 16 bits, gray or RGB, as PNG.
    static func encodePNG(stored image: LabelImage) throws(ImageError) -> [UInt8] {
        precondition(
            (image.channels == 1 || image.channels == 3) && (image.bitDepth == 8 || image.bitDepth == 16),
            "\(image.channels) channels of \(image.bitDepth) bits")
        func encoded(_ pixels: UnsafeRawBufferPointer) -> Result<[UInt8], ImageError> {
            encode { out, message in
                sd_png_write(
                    pixels.shimBytes, UInt32(image.width), UInt32(image.height), UInt8(image.bitDepth),
                    image.channels == 3 ? 2 : 0, &out, message, 256)
            }
        }
        if image.bitDepth == 16 { return try image.values.withUnsafeBytes(encoded).get() }
        return try image.values.map { UInt8(truncatingIfNeeded: $0) }.withUnsafeBytes(encoded).get()
    }
}

extension LabelImage {
    /// The values without alpha.
    fileprivate var colourValues: [UInt16] {
        guard channels == 2 || channels == 4 else { return values }
        return (0..<height * width).flatMap { pixel in
            values[pixel * channels..<pixel * channels + channels - 1]
        }
    }
}
