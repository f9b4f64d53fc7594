/// Finds objects of one image that were drawn twice: 16 bytes an object.
struct DuplicateObjects {
    private struct Entry {
        var annotation: UInt32
        var category: UInt32
    }

    /// An earlier object with the same mask or box.
    struct Match {
        /// Its number in the list of annotations.
        var annotation: Int
        var isSameCategory: Bool
    }

    private var entries: [UInt64: Entry] = [:]

    /// Adds an object; returns an earlier one in the same image that was drawn the same. A crowd is never the same as an
    /// object that counts.
    mutating func add(digest: UInt64, isCrowd: Bool, image: Int, category: Int, annotation: Int) -> Match? {
        let key = ObjectDigest.combined(digest, with: isCrowd ? ~image : image)
        if let entry = entries[key] {
            return Match(annotation: Int(entry.annotation), isSameCategory: Int(entry.category) == category)
        }
        entries[key] = Entry(annotation: UInt32(annotation), category: UInt32(category))
        return nil
    }
}
