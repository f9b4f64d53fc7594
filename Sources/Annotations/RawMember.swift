package import JSONText

/// A member of a JSON object kept as text: a key that samdata has no use for, written again as it was read.
package struct RawMember: Sendable, Hashable {
    package let name: String
    /// The key as it stands between its quotes, where it holds escapes.
    let nameText: [UInt8]?
    /// The value's bytes, white space inside included; members of one object may share memory.
    package let value: ArraySlice<UInt8>

    /// A member whose `value` is JSON text.
    package init(name: String, value: [UInt8]) {
        self.init(name: name, nameText: nil, value: value[...])
    }

    init(name: String, nameText: [UInt8]?, value: ArraySlice<UInt8>) {
        self.name = name
        self.nameText = nameText
        self.value = value
    }

    /// A member made of a tree.
    package init(_ name: String, _ value: JSONValue) {
        self.init(name: name, value: Array(value.text().utf8))
    }

    /// The value as JSON text.
    package var text: String { String(decoding: value, as: UTF8.self) }

    /// The value as a tree, such as LVIS's `neg_category_ids`.
    ///
    /// - Throws: `JSONError` for what a document may not be: a key twice, a number out of range.
    package func parsed() throws(JSONError) -> JSONValue {
        try JSONDocument.parse(text)
    }

    func write(to writer: inout JSONWriter) {
        if let nameText { writer.rawKey(nameText) } else { writer.key(name) }
        writer.raw(value)
    }
}

extension [RawMember] {
    /// The member called `name`.
    package subscript(name: String) -> RawMember? { first { $0.name == name } }
}
