/// Walks a JPEG's markers without decoding anything (ITU-T T.81, annex B).
enum JPEGProbe {
    static func header(of bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader {
        var walk = Walk(data: BinaryView(bytes))
        walk.run()
        guard let frame = walk.frame else {
            if walk.reachedEnd {
                throw ImageError(.truncated, "JPEG of \(bytes.count) bytes ends before its frame header")
            }
            throw ImageError(.corrupt, "JPEG has no frame header before its first scan")
        }
        guard frame.width > 0, frame.height > 0 else {
            throw ImageError(.corrupt, "JPEG size \(frame.width) x \(frame.height) is not allowed")
        }
        let colour: ImageHeader.Colour
        switch frame.components {
        case 1: colour = .gray
        case 3: colour = .rgb
        case 4: colour = walk.adobeTransform == 2 ? .ycck : .cmyk
        default:
            throw ImageError(.unsupported, "JPEG with \(frame.components) components; 1, 3 or 4 are supported")
        }
        return ImageHeader(
            format: .jpeg, width: frame.width, height: frame.height, bitDepth: frame.precision, colour: colour,
            exifOrientation: walk.orientation ?? 1, isTruncated: walk.reachedEnd, isAnimated: false)
    }

    private struct Frame {
        var precision: Int
        var height: Int
        var width: Int
        var components: Int
    }

    private struct Walk {
        let data: BinaryView
        var frame: Frame?
        var orientation: Int?
        var adobeTransform: Int?
        /// Whether the bytes ended before the end-of-image marker.
        var reachedEnd = false

        /// Goes from marker to marker to the end of the image, or as far as the bytes go.
        mutating func run() {
            var offset = 2
            while let (marker, body) = nextMarker(from: offset) {
                switch marker {
                case 0xD9: return
                // No segment follows these; reserved codes turn up in damaged pixel data, which libjpeg reads on past.
                case 0x01...0xBF, 0xD0...0xD8:
                    offset = body
                    continue
                default: break
                }
                guard let length = data.uint16(at: body), data.contains(offset: body, count: length) else { break }
                // A length below 2 would point back at itself; step over the two bytes that are there.
                offset = body + max(2, length)
                read(marker, at: body + 2, count: max(2, length) - 2)
                // A scan before any frame cannot be decoded: what follows does not matter.
                if marker == 0xDA && frame == nil { return }
            }
            reachedEnd = true
        }

        /// The next marker at or after `offset` and the offset behind it, stepping over entropy-coded data.
        private func nextMarker(from offset: Int) -> (Int, Int)? {
            var offset = offset
            while let start = data.firstIndex(of: 0xFF, from: offset) {
                guard let code = data.uint8(at: start + 1) else { return nil }
                if code == 0xFF {
                    offset = start + 1
                } else if code == 0 {
                    offset = start + 2
                } else {
                    return (code, start + 2)
                }
            }
            return nil
        }

        private mutating func read(_ marker: Int, at offset: Int, count: Int) {
            switch marker {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                guard frame == nil, count >= 6, let precision = data.uint8(at: offset),
                    let height = data.uint16(at: offset + 1), let width = data.uint16(at: offset + 3),
                    let components = data.uint8(at: offset + 5)
                else { return }
                frame = Frame(precision: precision, height: height, width: width, components: components)
            case 0xE1:
                guard orientation == nil, count >= 6, data.matches("Exif\0", at: offset),
                    let tiff = data.slice(at: offset + 6, count: count - 6)
                else { return }
                orientation = EXIF.orientation(tiff: tiff)
            case 0xEE:
                guard count >= 12, data.matches("Adobe", at: offset) else { return }
                adobeTransform = data.uint8(at: offset + 11)
            default: break
            }
        }
    }
}
