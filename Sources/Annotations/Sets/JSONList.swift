internal import JSONText
internal import Runtime

/// A large JSON file whose lists are read element by element: their places are noted in one pass, and each is parsed when
/// it is asked for.
struct JSONList: Sendable {
    let path: String
    private let file: MappedFile
    let hasByteOrderMark: Bool

    /// An element larger than this is refused: parsed, it takes many times as much memory.
    static let maximumElementBytes = 64 << 20

    /// - Throws: `FileError`.
    init(path: String) throws(FileError) {
        self.path = path
        file = try MappedFile(path: path, access: .random)
        hasByteOrderMark = file.bytes.starts(with: [0xEF, 0xBB, 0xBF])
    }

    /// Visits the members of the top-level object, or the elements of the top-level array with an empty name.
    ///
    /// - Parameters:
    ///   - lists: names of members that are taken apart: each of their elements, or members, is visited.
    ///   - visit: name of the top-level member, name of the member inside it (empty in arrays), and place.
    /// - Throws: `AnnotationError` when the file is not JSON.
    func scan(
        lists: Set<String>, visit: (_ name: String, _ key: String, _ place: Range<Int>) throws -> Void
    ) throws {
        defer { file.discard(0..<file.bytes.count) }
        try file.withBytes { bytes in
            var parser = JSONPullParser(bytes, path: path, acceptsNonFinite: true)
            do {
                if try parser.peekKind() == .array {
                    try Self.visitChildren(of: "", &parser, visit)
                } else if lists.contains("") {
                    try Self.visitChildren(of: "", &parser, visit)
                } else {
                    try parser.beginObject()
                    while let token = try parser.nextKey() {
                        let name = parser.name(of: token)
                        let kind = try parser.peekKind()
                        if lists.contains(name), kind == .array || kind == .object {
                            try Self.visitChildren(of: name, &parser, visit)
                        } else {
                            try visit(name, "", try parser.skipValue())
                        }
                    }
                }
                try parser.finish()
            } catch let error as JSONError {
                throw AnnotationError(error, in: nil)
            }
        }
    }

    private static func visitChildren(
        of name: String, _ parser: inout JSONPullParser,
        _ visit: (String, String, Range<Int>) throws -> Void
    ) throws {
        if try parser.peekKind() == .array {
            try parser.beginArray()
            while try parser.nextElement() { try visit(name, "", try parser.skipValue()) }
        } else {
            try parser.beginObject()
            while let token = try parser.nextKey() {
                let key = parser.name(of: token)
                try visit(name, key, try parser.skipValue())
            }
        }
    }

    /// The element at a place that a scan has visited.
    ///
    /// - Throws: `JSONError` for what a tree may not hold: a key twice, a number out of range, too many bytes.
    func element(at place: Range<Int>) throws(JSONError) -> JSONValue {
        let outcome: Result<JSONValue, JSONError> = file.withBytes(reading: place) { bytes in
            Result { () throws(JSONError) in
                try JSONDocument.parse(
                    UnsafeRawBufferPointer(rebasing: bytes[place]), path: path, maximumBytes: Self.maximumElementBytes)
            }
        }
        return try outcome.get()
    }

    /// The bytes at a place.
    func text(at place: Range<Int>) -> [UInt8] { file.withBytes(reading: place) { Array($0[place]) } }
}
