internal import JSONText

/// What is needed of a file of SA-1B when a set is opened, read without building a tree.
struct SegmentAnythingHead: Sendable {
    private(set) var imageID: COCOIdentifier?
    private(set) var width: Int?
    private(set) var height: Int?
    private(set) var hasAnnotations = false
    /// Categories that samdata has added.
    private(set) var categories: [COCOIdentifier: String] = [:]

    /// - Throws: `JSONError`.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
        var parser = JSONPullParser(bytes, path: path)
        guard try parser.peekKind() == .object else { return }
        try parser.beginObject()
        while let token = try parser.nextKey() {
            let kind = try parser.peekKind()
            switch (parser.name(of: token), kind) {
            case ("image", .object): try readImage(&parser)
            case ("annotations", .array):
                hasAnnotations = true
                try parser.beginArray()
                while try parser.nextElement() { try readAnnotation(&parser) }
            default: try parser.skipValue()
            }
        }
        try parser.finish()
    }

    private mutating func readImage(_ parser: inout JSONPullParser) throws(JSONError) {
        try parser.beginObject()
        while let token = try parser.nextKey() {
            let kind = try parser.peekKind()
            switch (parser.name(of: token), kind) {
            case ("image_id", .number): imageID = Self.identifier(try parser.readNumber())
            case ("image_id", .string): imageID = .text(try parser.readString())
            case ("width", .number): width = Int(exactly: try parser.readNumber().value)
            case ("height", .number): height = Int(exactly: try parser.readNumber().value)
            default: try parser.skipValue()
            }
        }
    }

    private mutating func readAnnotation(_ parser: inout JSONPullParser) throws(JSONError) {
        guard try parser.peekKind() == .object else {
            try parser.skipValue()
            return
        }
        var id: COCOIdentifier?
        var name = ""
        try parser.beginObject()
        while let token = try parser.nextKey() {
            let kind = try parser.peekKind()
            switch (parser.name(of: token), kind) {
            case ("category_id", .number): id = Self.identifier(try parser.readNumber())
            case ("category_id", .string): id = .text(try parser.readString())
            case ("category_name", .string): name = try parser.readString()
            default: try parser.skipValue()
            }
        }
        if let id, categories[id, default: ""].isEmpty { categories[id] = name }
    }

    private static func identifier(_ number: JSONNumber) -> COCOIdentifier? {
        Int64(exactly: number.value).map { .integer($0) }
    }
}
