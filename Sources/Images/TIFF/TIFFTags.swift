/// A directory of a TIFF: numbers by tag.
struct TIFFTags {
    private var entries: [Int: (type: Int, count: Int, offset: Int)] = [:]
    private let data: BinaryView
    /// Where the next directory is; 0 for none.
    let nextDirectory: Int

    /// More numbers than this in one entry are refused.
    private static let maximumCount = 1 << 22

    /// - Returns: nil where the bytes end inside the directory.
    init?(_ data: BinaryView, at start: Int) {
        self.data = data
        guard let count = data.uint16(at: start), data.contains(offset: start + 2, count: 12 * count),
            let next = data.uint32(at: start + 2 + 12 * count)
        else { return nil }
        nextDirectory = next
        for index in 0..<count {
            let at = start + 2 + 12 * index
            guard let tag = data.uint16(at: at), let type = data.uint16(at: at + 2),
                let values = data.uint32(at: at + 4)
            else { return nil }
            entries[tag] = (type, values, at + 8)
        }
    }

    /// The first number of a tag.
    func number(_ tag: Int) -> Int? { numbers(tag)?.first }

    /// The numbers of a tag; nil where it is absent, of another type, or leads out of the file.
    func numbers(_ tag: Int) -> [Int]? {
        guard let entry = entries[tag], let size = [1: 1, 3: 2, 4: 4][entry.type], entry.count > 0,
            entry.count <= Self.maximumCount
        else { return nil }
        let isInside = entry.count * size <= 4
        guard let start = isInside ? entry.offset : data.uint32(at: entry.offset),
            data.contains(offset: start, count: entry.count * size)
        else { return nil }
        return (0..<entry.count).compactMap { index in
            switch size {
            case 1: data.uint8(at: start + index)
            case 2: data.uint16(at: start + 2 * index)
            default: data.uint32(at: start + 4 * index)
            }
        }
    }
}
