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
        for index in entries.indices where entries[index].head == head {
            let name = entries[index].name
            guard name.count == text.count else { continue }
            if name.count <= 8 || name.withUnsafeBytes({ $0.elementsEqual(text) }) { return index }
        }
        return nil
    }

    /// The first eight bytes as one number, zeros where the text is shorter.
    private static func head(_ text: UnsafeRawBufferPointer) -> UInt64 {
        if text.count >= 8 { return text.loadUnaligned(as: UInt64.self).littleEndian }
        var head: UInt64 = 0
        for index in 0..<text.count { head |= UInt64(text[index]) &<< UInt64(8 * index) }
        return head
    }
}
