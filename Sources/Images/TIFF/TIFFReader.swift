/// Reads images and label images from TIFF and BigTIFF: gray, palette or RGB of 1, 8, 16 or 32 bits, in strips or tiles,
/// uncompressed, LZW, deflate or PackBits, with or without prediction; one page.
///
/// libtiff would bring a system package for this one use, and a long history of hostile files; what data sets hold needs
/// little of it. Source: TIFF revision 6.0, Adobe's technical note on deflate, and the BigTIFF design.
struct TIFFReader {
    private let data: BinaryView
    private let bytes: UnsafeRawBufferPointer
    private let layout: TIFFLayout

    /// Whether the bytes begin like a TIFF: `II*` or `MM*`, or BigTIFF's `+`.
    static func hasSignature(_ bytes: UnsafeRawBufferPointer) -> Bool {
        [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]]
            .contains { bytes.starts(with: $0 as [UInt8]) }
    }

    /// - Parameter bytes: the file; must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        let isLittleEndian = bytes.first == 0x49
        data = BinaryView(bytes, littleEndian: isLittleEndian)
        self.bytes = bytes
        let isBig = data.uint16(at: 2) == 43
        guard !isBig || data.uint16(at: 4) == 8 && data.uint16(at: 6) == 0 else {
            throw ImageError(.corrupt, "BigTIFF with offsets of another size than 8 bytes")
        }
        layout = try TIFFLayout(data, isBig: isBig)
    }

    /// What the page says of itself as an image.
    ///
    /// - Throws: `ImageError.unsupported` for one that is no image here: of more than 16 bits, or of other colours.
    func header() throws(ImageError) -> ImageHeader {
        guard let colour = layout.colour else {
            throw ImageError(
                .unsupported, "TIFF of colours that are neither gray, RGB nor a palette of \(layout.channels) samples")
        }
        guard layout.bitDepth <= 16 else {
            throw ImageError(.unsupported, "TIFF of \(layout.bitDepth) bits; images of at most 16 are read")
        }
        let isWhole = zip(layout.offsets, layout.byteCounts).allSatisfy { data.contains(offset: $0, count: $1) }
        return ImageHeader(
            format: .tiff, width: layout.width, height: layout.height, bitDepth: layout.bitDepth, colour: colour,
            exifOrientation: layout.orientation, isTruncated: !isWhole, isAnimated: false)
    }

    /// The pixels as RGB: 16 bits by their high byte, 1 bit of gray stretched to 0 and 255, alpha dropped.
    func rgbImage() throws(ImageError) -> RGBImage { RGBImage(stored: try image()) }

    /// The values as stored of what is an image.
    ///
    /// - Throws: as ``header()``.
    func image() throws(ImageError) -> LabelImage {
        _ = try header()
        return try labelImage()
    }

    /// The values as stored.
    func labelImage() throws(ImageError) -> LabelImage {
        let layout = layout
        var values = [UInt16](repeating: 0, count: layout.height * layout.width * layout.channels)
        let planes = layout.isPlanar ? layout.channels : 1
        let perPlane = layout.blocksAcross * layout.blocksDown
        for block in 0..<perPlane * planes {
            let (plane, index) = block.quotientAndRemainder(dividingBy: perPlane)
            let (blockRow, blockColumn) = index.quotientAndRemainder(dividingBy: layout.blocksAcross)
            let samples = try decoded(block)
            try place(
                samples, top: blockRow * layout.blockHeight, left: blockColumn * layout.blockWidth, plane: plane,
                into: &values)
        }
        if layout.isWhiteZero {
            let top = UInt16(truncatingIfNeeded: (1 << min(16, layout.bitDepth)) - 1)
            values = values.map { top - min($0, top) }
        }
        return LabelImage(
            height: layout.height, width: layout.width, bitDepth: min(16, layout.bitDepth), channels: layout.channels,
            values: values, palette: layout.palette)
    }

    // MARK: Blocks

    /// A strip's or tile's bytes, decompressed, with room for all that it should hold.
    private func decoded(_ block: Int) throws(ImageError) -> [UInt8] {
        guard let source = data.slice(at: layout.offsets[block], count: layout.byteCounts[block]) else {
            throw ImageError(
                .truncated,
                "TIFF block \(block) of \(layout.byteCounts[block]) bytes at \(layout.offsets[block]) ends behind the file's \(bytes.count) bytes"
            )
        }
        let wanted = layout.blockBytes(block)
        let result: [UInt8] =
            switch layout.compression {
            case .none: Array(source.prefix(wanted))
            case .packBits: TIFFDecompression.packBits(source, limit: wanted)
            case .lzw: try TIFFDecompression.lzw(source, limit: wanted)
            case .deflate: try TIFFDecompression.inflate(source, limit: wanted)
            }
        guard result.count == wanted else {
            throw ImageError(.truncated, "TIFF block \(block) holds \(result.count) of its \(wanted) bytes")
        }
        return result
    }

    private func place(
        _ block: [UInt8], top: Int, left: Int, plane: Int, into values: inout [UInt16]
    ) throws(ImageError) {
        let samplesPerPixel = layout.isPlanar ? 1 : layout.channels
        let rowSamples = layout.blockWidth * samplesPerPixel
        let rowBytes = layout.rowBytes
        let rows = min(layout.blockHeight, layout.height - top)
        let columns = min(layout.blockWidth, layout.width - left)
        for row in 0..<rows {
            var line = unpacked(block, at: row * rowBytes, count: rowSamples)
            if layout.hasPrediction {
                let mask = layout.bitDepth == 32 ? UInt32.max : UInt32(1) << UInt32(layout.bitDepth) - 1
                for index in line.indices.dropFirst(samplesPerPixel) {
                    line[index] = (line[index] &+ line[index - samplesPerPixel]) & mask
                }
            }
            for column in 0..<columns {
                for sample in 0..<samplesPerPixel {
                    let value = line[column * samplesPerPixel + sample]
                    guard let narrow = UInt16(exactly: value) else {
                        throw ImageError(.unsupported, "TIFF has the value \(value); labels go to 65535")
                    }
                    let pixel = (top + row) * layout.width + left + column
                    values[pixel * layout.channels + (layout.isPlanar ? plane : sample)] = narrow
                }
            }
        }
    }

    /// The samples of a row.
    private func unpacked(_ block: [UInt8], at start: Int, count: Int) -> [UInt32] {
        let isLittle = bytes.first == 0x49
        switch layout.bitDepth {
        case 1: return (0..<count).map { UInt32(block[start + $0 / 8] >> UInt8(7 - $0 % 8) & 1) }
        case 8: return (0..<count).map { UInt32(block[start + $0]) }
        case 16:
            return (0..<count).map { index in
                let (a, b) = (UInt32(block[start + 2 * index]), UInt32(block[start + 2 * index + 1]))
                return isLittle ? b << 8 | a : a << 8 | b
            }
        default:
            return (0..<count).map { index in
                let four = (0..<4).map { UInt32(block[start + 4 * index + $0]) }
                return (isLittle ? four.reversed() : four).reduce(0) { $0 << 8 | $1 }
            }
        }
    }
}
