/// A directory of a TIFF or BigTIFF: numbers by tag.
struct TIFFTags {
    private var entries: [Int: (type: Int, count: Int, offset: Int)] = [:]
    private let data: BinaryView
    private let isBig: Bool
    /// Where the next directory is; 0 for none.
    let nextDirectory: Int

    /// More numbers than this in one entry are refused, and more entries than this in a directory.
    private static let maximumCount = 1 << 22
    private static let maximumEntries = 65535
    /// Bytes of a number by its type: BYTE, SHORT, LONG, IFD, and LONG8 and IFD8 of BigTIFF.
    private static let sizes = [1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8]

    /// - Parameter isBig: whether offsets and counts have 64 bits.
    /// - Returns: nil where the bytes end inside the directory.
    init?(_ data: BinaryView, at start: Int, isBig: Bool) {
        self.data = data
        self.isBig = isBig
        let (head, size) = isBig ? (8, 20) : (2, 12)
        guard let count = isBig ? data.uint64(at: start) : data.uint16(at: start), count <= Self.maximumEntries,
            data.contains(offset: start, count: head + size * count),
            let next = Self.word(data, at: start + head + size * count, isBig: isBig)
        else { return nil }
        nextDirectory = next
        for index in 0..<count {
            let at = start + head + size * index
            guard let tag = data.uint16(at: at), let type = data.uint16(at: at + 2) else { return nil }
            // A count beyond all numbers makes the entry one that cannot be read.
            let values = Self.word(data, at: at + 4, isBig: isBig) ?? .max
            entries[tag] = (type, values, at + (isBig ? 12 : 8))
        }
    }

    private static func word(_ data: BinaryView, at offset: Int, isBig: Bool) -> Int? {
        isBig ? data.uint64(at: offset) : data.uint32(at: offset)
    }

    /// The first number of a tag.
    func number(_ tag: Int) -> Int? { numbers(tag)?.first }

    /// The numbers of a tag; nil where it is absent, of another type, or leads out of the file.
    func numbers(_ tag: Int) -> [Int]? {
        guard let entry = entries[tag], let size = Self.sizes[entry.type], entry.count > 0,
            entry.count <= Self.maximumCount
        else { return nil }
        let isInside = entry.count * size <= (isBig ? 8 : 4)
        guard let start = isInside ? entry.offset : Self.word(data, at: entry.offset, isBig: isBig),
            data.contains(offset: start, count: entry.count * size)
        else { return nil }
        return (0..<entry.count).compactMap { index in
            switch size {
            case 1: data.uint8(at: start + index)
            case 2: data.uint16(at: start + 2 * index)
            case 4: data.uint32(at: start + 4 * index)
            default: data.uint64(at: start + 8 * index)
            }
        }
    }
}
