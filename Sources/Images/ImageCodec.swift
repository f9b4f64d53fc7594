/// Reads PNG, JPEG and TIFF, and writes PNG and JPEG.
///
/// Bytes may come from anywhere: what is not an image is an error, never a crash, a hang, or an allocation out of
/// proportion to the number of bytes (see `ImageLimits`).
package enum ImageCodec {
    /// Reads the header: format, size, depth, colour, EXIF orientation, and whether the end marker is missing.
    ///
    /// Only the file's structure is walked, in pure Swift; nothing is decoded and little is allocated.
    /// - Throws: `ImageError.unknownFormat`, `.corrupt`, or `.truncated` when the bytes end before the size is told.
    package static func probe(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader {
        switch try format(of: bytes) {
        case .png: try PNGProbe.header(of: bytes)
        case .jpeg: try JPEGProbe.header(of: bytes)
        case .tiff: try TIFFReader(bytes).header()
        }
    }

    /// Decodes to RGB with the pixel values of Pillow's `Image.open(…).convert("RGB")`: gray is repeated, palettes
    /// are looked up, alpha is dropped, CMYK is taken as Adobe writes it (inverted).
    ///
    /// Deviation: 16-bit gray keeps the high byte of each sample, as 16-bit RGB does; Pillow clips it at 255 instead.
    ///
    /// Pixels stay as stored unless `applyOrientation` turns them as the EXIF orientation says.
    /// - Throws: `ImageError`; a truncated file is an error, damage inside a complete JPEG is not (as in Pillow).
    package static func decodeRGB(
        _ bytes: UnsafeRawBufferPointer, applyOrientation: Bool = false
    ) throws(ImageError) -> RGBImage {
        let image =
            switch try format(of: bytes) {
            case .png: try PNGReader(bytes).rgbImage()
            case .jpeg: try JPEGReader(bytes).rgbImage()
            case .tiff: try TIFFReader(bytes).rgbImage()
            }
        guard applyOrientation else { return image }
        return image.oriented(exif: try probe(bytes).exifOrientation)
    }

    /// Decodes sample values of a PNG or TIFF as stored, the way label images need them.
    /// - Throws: `ImageError`; `.unsupported` for JPEG, whose values are approximate and so no labels.
    package static func decodeLabels(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> LabelImage {
        switch try format(of: bytes) {
        case .tiff: return try TIFFReader(bytes).labelImage()
        case .png: return try PNGReader(bytes).labelImage()
        case .jpeg:
            throw ImageError(.unsupported, "labels cannot be read from JPEG, which is lossy; PNG is wanted")
        }
    }

    private static func format(of bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageFormat {
        if let format = ImageFormat(signatureOf: bytes) { return format }
        if bytes.isEmpty { throw ImageError(.truncated, "the image is empty (0 bytes)") }
        let head = bytes.prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        throw ImageError(
            .unknownFormat, "neither PNG, JPEG nor TIFF: the first bytes are \(head.joined(separator: " "))")
    }
}
