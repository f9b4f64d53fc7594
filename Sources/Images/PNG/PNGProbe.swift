/// Walks a PNG's chunks without decompressing anything (PNG specification, third edition, section 5).
enum PNGProbe {
    static func header(of bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader {
        let data = BinaryView(bytes)
        guard let length = data.uint32(at: 8), let width = data.uint32(at: 16), let height = data.uint32(at: 20),
            let bitDepth = data.uint8(at: 24), let colourType = data.uint8(at: 25)
        else { throw ImageError(.truncated, "PNG of \(bytes.count) bytes ends inside its header") }
        guard length == 13, data.matches("IHDR", at: 12) else {
            throw ImageError(.corrupt, "PNG does not begin with an IHDR chunk of 13 bytes")
        }
        guard (1...0x7FFF_FFFF).contains(width), (1...0x7FFF_FFFF).contains(height) else {
            throw ImageError(.corrupt, "PNG size \(width) x \(height) is not allowed")
        }
        guard let colour = colour(type: colourType, bitDepth: bitDepth) else {
            throw ImageError(.corrupt, "PNG colour type \(colourType) with \(bitDepth) bits is not allowed")
        }
        var header = ImageHeader(
            format: .png, width: width, height: height, bitDepth: bitDepth, colour: colour, exifOrientation: 1,
            isTruncated: true, isAnimated: false)
        var offset = 33
        while let length = data.uint32(at: offset), data.contains(offset: offset, count: length + 12) {
            if data.matches("IEND", at: offset + 4) {
                header.isTruncated = false
                break
            }
            if data.matches("acTL", at: offset + 4) { header.isAnimated = true }
            if data.matches("eXIf", at: offset + 4), let exif = data.slice(at: offset + 8, count: length) {
                header.exifOrientation = EXIF.orientation(tiff: exif) ?? header.exifOrientation
            }
            offset += length + 12
        }
        return header
    }

    private static func colour(type: Int, bitDepth: Int) -> ImageHeader.Colour? {
        switch (type, bitDepth) {
        case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16): .gray
        case (2, 8), (2, 16): .rgb
        case (3, 1), (3, 2), (3, 4), (3, 8): .palette
        case (4, 8), (4, 16): .grayAlpha
        case (6, 8), (6, 16): .rgba
        default: nil
        }
    }
}
