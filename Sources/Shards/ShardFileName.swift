/// The name of one shard of a set: `NAME-00000-of-00010.tfrecord`.
package struct ShardFileName: Sendable, Hashable {
    /// The set's name.
    package let name: String
    /// Position in the set, from 0.
    package let index: Int
    /// Number of shards in the set.
    package let count: Int

    package init(name: String, index: Int, count: Int) {
        precondition((0..<count).contains(index), "shard \(index) of \(count)")
        self.name = name
        self.index = index
        self.count = count
    }

    /// Reads a file name; nil when it is not of this form.
    package init?(_ file: String) {
        guard file.hasSuffix(Self.suffix) else { return nil }
        let parts = file.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 2] == "of", let index = Self.number(parts[parts.count - 3]),
            let count = Self.number(parts[parts.count - 1]), index < count
        else { return nil }
        self.init(name: parts.dropLast(3).joined(separator: "-"), index: index, count: count)
    }

    /// The shard's file.
    package var file: String { stem + Self.suffix }
    /// The index beside it.
    package var indexFile: String { stem + RecordIndex.suffix }

    private static let suffix = ".tfrecord"
    private var stem: String { "\(name)-\(Self.digits(index))-of-\(Self.digits(count))" }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }

    private static func number(_ text: Substring) -> Int? {
        text.count >= 5 && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }
}
