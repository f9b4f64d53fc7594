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

    /// The members as those of a tree; a value that trees of ours do not hold (a key twice, a number out of range, brackets in
    /// brackets without end) is its text.
    var tree: [JSONMember] {
        map { member in
            let value = member.depth <= Self.deepest ? try? member.parsed() : nil
            return JSONMember(member.name, value ?? .string(member.text))
        }
    }

    /// Brackets that may be open at once in a member which is written into another document.
    private static var deepest: Int { 64 }

    /// The members as a flat list of attributes: those that `attributes` holds stand among the others.
    ///
    /// Where they cannot, as it is no object or names meet, `attributes` is one of them. A name that is taken gets a `_`.
    ///
    /// - Parameter taken: names that mean something else there.
    func flattened(taken: Set<String>) -> [JSONMember] {
        var others = filter { $0.name != "attributes" }.tree
        let held = filter { $0.name == "attributes" }.tree
        if let given = held.first?.value.object,
            Set(given.map(\.name)).isDisjoint(with: taken.union(others.map(\.name)))
        {
            others = given + others
        } else {
            others += held
        }
        return others.renamed(taken: taken)
    }
}

extension [JSONMember] {
    /// The members with a `_` behind each name that is taken, so that none is lost.
    func renamed(taken: Set<String>) -> [JSONMember] {
        var names = taken
        return map { member in
            var name = member.name
            while !names.insert(name).inserted { name += "_" }
            return JSONMember(name, member.value)
        }
    }
}

extension RawMember {
    /// Most brackets that are open at once in the value.
    fileprivate var depth: Int {
        var (depth, most) = (0, 0)
        var (isText, isEscaped) = (false, false)
        for byte in value {
            if isEscaped {
                isEscaped = false
            } else if isText {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isText = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    depth += 1
                    most = Swift.max(most, depth)
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                default: break
                }
            }
        }
        return most
    }
}
