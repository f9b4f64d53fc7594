/// What the tags of a TIFF's page say of its samples and where they are.
struct TIFFLayout {
    enum Compression {
        case none
        case lzw
        case deflate
        case packBits
    }

    let width: Int
    let height: Int
    let bitDepth: Int
    /// 1, or 3 of RGB, each with one more of alpha or whatever else it is.
    let channels: Int
    /// How samples make a pixel; nil for what no image here is made of, such as CMYK and Lab.
    let colour: ImageHeader.Colour?
    /// As EXIF's: 1 (as stored) to 8.
    let orientation: Int
    let compression: Compression
    let hasPrediction: Bool
    let isPlanar: Bool
    let isWhiteZero: Bool
    let palette: [[UInt8]]?
    /// Size of a strip or tile.
    let blockWidth: Int
    let blockHeight: Int
    let blocksAcross: Int
    let blocksDown: Int
    let offsets: [Int]
    let byteCounts: [Int]
    private let isTiled: Bool

    /// One byte of LZW stands for at most this many: a code of 12 bits for 4094 bytes, rounded up.
    private static let bestRatio = 2730

    /// Bytes of a row of a block.
    var rowBytes: Int { (blockWidth * (isPlanar ? 1 : channels) * bitDepth + 7) / 8 }

    /// Bytes of a block: the last strip has only the rows that are left.
    func blockBytes(_ block: Int) -> Int {
        let row = block % (blocksAcross * blocksDown) / blocksAcross
        return rowBytes * (isTiled ? blockHeight : min(blockHeight, height - row * blockHeight))
    }

    /// - Parameter isBig: whether it is a BigTIFF.
    init(_ data: BinaryView, isBig: Bool) throws(ImageError) {
        guard let start = isBig ? data.uint64(at: 8) : data.uint32(at: 4),
            let tags = TIFFTags(data, at: start, isBig: isBig)
        else {
            throw ImageError(.truncated, "TIFF ends inside its first directory")
        }
        guard tags.nextDirectory == 0 else {
            throw ImageError(.unsupported, "TIFF has more than one page; one is read")
        }
        guard let width = tags.number(256), let height = tags.number(257), width > 0, height > 0 else {
            throw ImageError(.corrupt, "TIFF states no size")
        }
        let channels = tags.number(277) ?? 1
        let bits = tags.numbers(258) ?? [1]
        guard (1...4).contains(channels), let depth = bits.first, bits.allSatisfy({ $0 == depth }),
            [1, 8, 16, 32].contains(depth), depth != 1 || channels == 1
        else {
            throw ImageError(
                .unsupported, "TIFF with \(channels) samples of \(bits) bits; 1 to 4 of 1, 8, 16 or 32 are supported"
            )
        }
        guard (tags.numbers(339) ?? [1]).allSatisfy({ $0 == 1 || $0 == 4 }) else {
            throw ImageError(
                .unsupported, "TIFF of signed or floating-point samples; unsigned integers are read")
        }
        let pixels = ImageLimits.pixels
        guard width <= pixels, height <= pixels, width * height <= pixels else {
            throw ImageError(.tooLarge, "\(width) x \(height) pixels are more than the limit of \(pixels)")
        }
        guard width * height * channels * depth / 8 / Self.bestRatio <= data.count else {
            throw ImageError(
                .tooLarge, "the header claims \(width) x \(height) pixels, more than \(data.count) bytes can hold")
        }
        self.width = width
        self.height = height
        self.channels = channels
        bitDepth = depth
        compression = try Self.compression(tags.number(259) ?? 1)
        let predictor = tags.number(317) ?? 1
        guard predictor == 1 || predictor == 2 && depth >= 8 else {
            throw ImageError(.unsupported, "TIFF with predictor \(predictor)")
        }
        hasPrediction = predictor == 2
        guard (tags.number(266) ?? 1) == 1 else {
            throw ImageError(.unsupported, "TIFF with its bits in reverse order")
        }
        isPlanar = (tags.number(284) ?? 1) == 2 && channels > 1
        let photometric = tags.number(262) ?? 1
        isWhiteZero = photometric == 0
        let turned = tags.number(274) ?? 1
        orientation = (1...8).contains(turned) ? turned : 1
        switch (photometric, channels) {
        case (0, 1), (1, 1): colour = .gray
        case (0, 2), (1, 2): colour = .grayAlpha
        case (2, 3): colour = .rgb
        case (2, 4): colour = .rgba
        case (3, 1): colour = .palette
        default: colour = nil
        }
        palette = photometric == 3 ? Self.palette(tags.numbers(320) ?? []) : nil
        isTiled = tags.number(322) != nil
        blockWidth = isTiled ? tags.number(322) ?? 0 : width
        blockHeight = isTiled ? tags.number(323) ?? 0 : min(height, max(1, tags.number(278) ?? height))
        // A tile is at most as much larger than the image as its rounding to 16 needs.
        guard blockWidth > 0, blockHeight > 0, blockWidth <= max(4096, 2 * width), blockHeight <= max(4096, 2 * height)
        else { throw ImageError(.corrupt, "TIFF with tiles of \(blockWidth) x \(blockHeight)") }
        blocksAcross = (width + blockWidth - 1) / blockWidth
        blocksDown = (height + blockHeight - 1) / blockHeight
        offsets = tags.numbers(isTiled ? 324 : 273) ?? []
        let blocks = blocksAcross * blocksDown * (isPlanar ? channels : 1)
        byteCounts = tags.numbers(isTiled ? 325 : 279) ?? []
        guard offsets.count >= blocks, byteCounts.count >= blocks else {
            throw ImageError(
                .corrupt, "TIFF lists \(offsets.count) offsets and \(byteCounts.count) sizes of its \(blocks) blocks")
        }
    }

    private static func compression(_ tag: Int) throws(ImageError) -> Compression {
        switch tag {
        case 1: return .none
        case 5: return .lzw
        case 8, 32946: return .deflate
        case 32773: return .packBits
        case 7, 6: throw ImageError(.unsupported, "TIFF with JPEG inside, which is lossy and so is not read")
        default:
            throw ImageError(
                .unsupported, "TIFF with compression \(tag); none, LZW, deflate and PackBits are supported")
        }
    }

    /// 16-bit red, then green, then blue.
    private static func palette(_ map: [Int]) -> [[UInt8]]? {
        let count = map.count / 3
        guard count > 0 else { return nil }
        return (0..<min(count, 256)).map { index in
            (0..<3).map { UInt8(truncatingIfNeeded: map[$0 * count + index] >> 8) }
        }
    }
}
