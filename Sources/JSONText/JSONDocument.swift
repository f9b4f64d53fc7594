private import CJSON
private import Runtime

/// Reads small JSON documents into a tree, through json-c.
///
/// json-c alone is too lenient and too sharp: even in strict mode it takes NaN, single quotes, duplicate keys and bad
/// UTF-8, cuts integers beyond 64 bits to the largest, cuts keys at U+0000, and ends the process when a getter meets
/// another type. So the text is screened first by ``JSONPullParser``, with byte and line in every message, and each
/// getter is called behind a check of the type.
package enum JSONDocument {
    /// Bytes of the largest document that is read unless the caller says otherwise; the tree takes about 14 times as
    /// much. Larger data is streamed.
    package static let defaultMaximumBytes = 64 << 20

    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - path: its file, for messages.
    ///   - maximumBytes: size from which the document is refused; at most 2³¹ − 1.
    ///   - maximumDepth: containers that may be open at once, at most 128.
    /// - Throws: `JSONError` for text that RFC 8259 does not allow, and for what is allowed but ambiguous: a key twice
    ///   in one object, a number beyond the range of a float.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, path: String? = nil, maximumBytes: Int = defaultMaximumBytes,
        maximumDepth: Int = JSONPullParser.defaultDepth
    ) throws(JSONError) -> JSONValue {
        precondition(maximumBytes <= Int(Int32.max), "json-c takes at most 2 GiB, not \(maximumBytes) bytes")
        guard bytes.count <= maximumBytes else {
            throw JSONError(
                .size, at: DataLocation(path: path),
                "the document has \(bytes.count) bytes; at most \(maximumBytes) are read as one document")
        }
        let screening = try Screening(bytes, path: path, maximumDepth: maximumDepth)
        guard !screening.replacements.isEmpty else {
            return try tree(
                UnsafeRawBufferPointer(rebasing: bytes[screening.start...]), path: path, maximumDepth: maximumDepth,
                keys: .asWritten)
        }
        let text = screening.text(replacing: bytes)
        return try withBytes(of: text) { (raw) throws(JSONError) in
            try tree(raw, path: path, maximumDepth: maximumDepth, keys: screening.keys)
        }
    }

    /// Reads a whole file; a file that cannot be read throws `FileError`.
    package static func read(path: String, maximumBytes: Int = defaultMaximumBytes) throws -> JSONValue {
        try MappedFile(path: path).withBytes { try parse($0, path: path, maximumBytes: maximumBytes) }
    }

    /// Parses a text that is in memory.
    package static func parse(
        _ text: String, path: String? = nil, maximumBytes: Int = defaultMaximumBytes,
        maximumDepth: Int = JSONPullParser.defaultDepth
    ) throws(JSONError) -> JSONValue {
        try withBytes(of: Array(text.utf8)) { (raw) throws(JSONError) in
            try parse(raw, path: path, maximumBytes: maximumBytes, maximumDepth: maximumDepth)
        }
    }

    /// `withUnsafeBytes` with a typed error.
    private static func withBytes(
        of array: [UInt8], _ body: (UnsafeRawBufferPointer) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        let outcome: Result<JSONValue, JSONError> = array.withUnsafeBytes { raw in
            Result { () throws(JSONError) in try body(raw) }
        }
        return try outcome.get()
    }

    /// The tree of a text that was screened.
    private static func tree(
        _ bytes: UnsafeRawBufferPointer, path: String?, maximumDepth: Int, keys: KeySpelling
    ) throws(JSONError) -> JSONValue {
        // json-c counts the value inside the innermost container as a level of its own.
        guard let tokener = json_tokener_new_ex(Int32(maximumDepth + 2)) else {
            throw JSONError(.size, at: DataLocation(path: path), "no memory for a JSON parser")
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT)
        let text = bytes.assumingMemoryBound(to: CChar.self)
        var root = json_tokener_parse_ex(tokener, text.baseAddress, Int32(bytes.count))
        var outcome = json_tokener_get_error(tokener)
        if outcome == json_tokener_continue {
            // A bare number at the end of the text might go on; a NUL says that it does not.
            root = json_tokener_parse_ex(tokener, "", 1)
            outcome = json_tokener_get_error(tokener)
        }
        // A document `null` has no object in json-c.
        defer { if let root { json_object_put(root) } }
        guard outcome == json_tokener_success else {
            let reason = String(cString: json_tokener_error_desc(outcome))
            let offset = Int(json_tokener_get_parse_end(tokener))
            throw JSONError(.syntax, at: DataLocation(path: path, byteOffset: offset), "json-c refuses it: \(reason)")
        }
        return value(root, keys: keys)
    }

    /// A json-c object and all below it; nil is json-c's null. Depth is bounded by the screening.
    private static func value(_ object: OpaquePointer?, keys: KeySpelling) -> JSONValue {
        guard let object else { return .null }
        switch json_object_get_type(object) {
        case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
        case json_type_int: return integer(object)
        case json_type_double: return .number(json_object_get_double(object))
        case json_type_string: return .string(string(object))
        case json_type_array:
            let count = json_object_array_length(object)
            return .array((0..<count).map { value(json_object_array_get_idx(object, $0), keys: keys) })
        case json_type_object: return .object(members(object, keys: keys))
        default: return .null
        }
    }

    private static func integer(_ object: OpaquePointer) -> JSONValue {
        let value = json_object_get_int64(object)
        // Beyond Int64 json-c holds an unsigned number and the signed getter cuts it to the largest.
        if value == Int64.max {
            let unsigned = json_object_get_uint64(object)
            if unsigned > UInt64(Int64.max) { return .number(Double(unsigned)) }
        }
        return .integer(value)
    }

    private static func string(_ object: OpaquePointer) -> String {
        guard let text = json_object_get_string(object) else { return "" }
        let count = Int(json_object_get_string_len(object))
        return String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
    }

    private static func members(_ object: OpaquePointer, keys: KeySpelling) -> [JSONMember] {
        var members: [JSONMember] = []
        members.reserveCapacity(Int(json_object_object_length(object)))
        var iterator = json_object_iter_begin(object)
        var end = json_object_iter_end(object)
        while json_object_iter_equal(&iterator, &end) == 0 {
            if let name = json_object_iter_peek_name(&iterator) {
                let child = json_object_iter_peek_value(&iterator)
                members.append(JSONMember(keys.name(String(cString: name)), value(child, keys: keys)))
            }
            json_object_iter_next(&iterator)
        }
        return members
    }
}
