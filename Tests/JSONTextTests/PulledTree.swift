import JSONText

/// A tree read with the pull parser alone: what `JSONDocument` reads through json-c must be the same.
enum PulledTree {
    static func value(_ bytes: [UInt8]) throws -> JSONValue {
        try bytes.withUnsafeBytes { raw in
            var parser = JSONPullParser(raw)
            let value = try value(&parser)
            try parser.finish()
            return value
        }
    }

    /// Passes the text without reading it.
    static func skip(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { raw in
            var parser = JSONPullParser(raw)
            try parser.skipValue()
            try parser.finish()
        }
    }

    private static func value(_ parser: inout JSONPullParser) throws(JSONError) -> JSONValue {
        switch try parser.peekKind() {
        case .null:
            try parser.readNull()
            return .null
        case .bool: return .bool(try parser.readBool())
        case .number:
            let number = try parser.readNumber()
            return number.integer.map(JSONValue.integer) ?? .number(number.value)
        case .string: return .string(try parser.readString())
        case .array:
            var elements: [JSONValue] = []
            try parser.beginArray()
            while try parser.nextElement() { elements.append(try value(&parser)) }
            return .array(elements)
        case .object:
            var members: [JSONMember] = []
            try parser.beginObject()
            while let key = try parser.nextKey() {
                members.append(JSONMember(parser.name(of: key), try value(&parser)))
            }
            return .object(members)
        }
    }
}
