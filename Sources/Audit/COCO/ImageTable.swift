internal import Annotations
internal import JSONText

/// What the audit keeps of each image: id, place, size, and a digest of its file's name.
struct ImageTable {
    private(set) var ids = IdentifierIndex()
    private var sizes: [(width: Int32, height: Int32)] = []
    private var fileNames: [UInt64: UInt32] = [:]

    var count: Int { ids.count }

    /// Adds an image; returns its number, and that of an earlier one with the same id.
    mutating func add(_ image: COCOImage) -> (index: Int, earlier: Int?) {
        sizes.append((0, 0))
        let added = ids.add(image.id, offset: image.origin.position?.byteOffset ?? 0)
        if let size = Self.statedSize(of: image) { set(size, at: added.index) }
        return added
    }

    /// The size in the labels, where both sides are stated and not 0.
    static func statedSize(of image: COCOImage) -> ImageSize? {
        guard let width = image.width, let height = image.height, width > 0, height > 0 else { return nil }
        return ImageSize(width: width, height: height)
    }

    /// The size of an image; nil where it is not known.
    func size(at index: Int) -> ImageSize? {
        let (width, height) = sizes[index]
        return width > 0 ? ImageSize(width: Int(width), height: Int(height)) : nil
    }

    /// Notes a size that is usable: sides of more than 31 bits are none.
    mutating func set(_ size: ImageSize, at index: Int) {
        guard let width = Int32(exactly: size.width), let height = Int32(exactly: size.height) else { return }
        sizes[index] = (width, height)
    }

    /// Notes an image's file; returns the number of an earlier image with the same one.
    ///
    /// - Parameter name: the file's; or that in the labels, where the file is not looked for.
    mutating func noteFile(_ name: String, of index: Int) -> Int? {
        let plain = ImagePath.plain(name)
        guard !plain.isEmpty else { return nil }
        let digest = ObjectDigest.of(plain.utf8)
        if let earlier = fileNames[digest] { return Int(earlier) }
        fileNames[digest] = UInt32(index)
        return nil
    }
}
