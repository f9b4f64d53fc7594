package import JSONText

extension [RawMember] {
    /// The members of the JSON object that a text is.
    ///
    /// - Throws: `JSONError` when it is none.
    package init(object text: some Sequence<UInt8>) throws(JSONError) {
        self = try [UInt8](text).withUnsafeBytes { bytes in
            Result { () throws(JSONError) in
                var parser = JSONPullParser(bytes)
                let members = try Self.read(&parser)
                try parser.finish()
                return members
            }
        }.get()
    }

    /// Reads the object at the cursor; of members of one name the last one counts.
    ///
    /// - Throws: `JSONError` when there is none.
    package static func read(_ parser: inout JSONPullParser) throws(JSONError) -> [RawMember] {
        var members = ExtraMembers()
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let name = parser.name(of: key)
            let place = try parser.skipValue()
            _ = members.add(RawMember(name: name, value: [UInt8](parser.raw(place))))
        }
        return members.members
    }

    /// The members as a JSON object's text.
    package var objectText: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Writes the members as an object.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for member in self { member.write(to: &writer) }
        writer.endObject()
    }

    /// The members as those of a tree; a value that no tree can hold is its text.
    var tree: [JSONMember] {
        map { member in JSONMember(member.name, (try? member.parsed()) ?? .string(member.text)) }
    }
}
