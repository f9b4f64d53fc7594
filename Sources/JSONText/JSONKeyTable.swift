/// The keys that a reader knows, looked up in the text without making strings.
package struct JSONKeyTable: Sendable {
    private struct Entry {
        let name: [UInt8]
        let head: UInt64
    }

    /// The keys as given.
    package let names: [String]
    private let entries: [Entry]

    /// - Parameter names: the keys; a lookup returns the index in this list.
    package init(_ names: [String]) {
        self.names = names
        entries = names.map { name in
            let bytes = Array(name.utf8)
            return Entry(name: bytes, head: bytes.withUnsafeBytes(Self.head))
        }
    }

    /// The index of the key in the table, or nil.
    package func index(of key: JSONKey, in parser: inout JSONPullParser) -> Int? {
        guard key.isPlain else {
            let name = Array(parser.name(of: key).utf8)
            return entries.firstIndex { $0.name == name }
        }
        let text = parser.raw(key.range)
        let head = Self.head(text)
        return entries.firstIndex { entry in
            entry.head == head && entry.name.count == text.count && entry.name.elementsEqual(text)
        }
    }

    /// The first eight bytes as one number, zeros where the text is shorter.
    private static func head(_ text: UnsafeRawBufferPointer) -> UInt64 {
        if text.count >= 8 { return text.loadUnaligned(as: UInt64.self) }
        return text.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
