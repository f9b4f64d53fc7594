internal import JSONText
internal import Runtime

/// What is needed of a labelme file when a set is opened, read without building a tree: the image inside is large.
struct LabelmeHead: Sendable {
    private(set) var imagePath: String?
    private(set) var width: Int?
    private(set) var height: Int?
    private(set) var labels: [String] = []
    private(set) var hasImageData = false
    private(set) var hasShapes = false

    private static let keys = ["imagePath", "imageWidth", "imageHeight", "imageData", "shapes"]

    /// - Throws: `FileError`, `JSONError`.
    init(path: String) throws {
        let file = try MappedFile(path: path)
        try file.withBytes { try read($0, path: path) }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, path: String) throws {
        var parser = JSONPullParser(bytes, path: path, acceptsNonFinite: true)
        try parser.beginObject()
        while let token = try parser.nextKey() {
            let kind = try parser.peekKind()
            switch (parser.name(of: token), kind) {
            case ("imagePath", .string): imagePath = try parser.readString()
            case ("imageWidth", .number): width = Int(exactly: try parser.readNumber().value)
            case ("imageHeight", .number): height = Int(exactly: try parser.readNumber().value)
            case ("imageData", .string):
                hasImageData = true
                try parser.skipValue()
            case ("shapes", .array):
                hasShapes = true
                try readShapes(&parser)
            default: try parser.skipValue()
            }
        }
        try parser.finish()
    }

    private mutating func readShapes(_ parser: inout JSONPullParser) throws(JSONError) {
        try parser.beginArray()
        while try parser.nextElement() {
            guard try parser.peekKind() == .object else {
                try parser.skipValue()
                continue
            }
            try parser.beginObject()
            while let token = try parser.nextKey() {
                if parser.name(of: token) == "label", try parser.peekKind() == .string {
                    labels.append(try parser.readString())
                } else {
                    try parser.skipValue()
                }
            }
        }
    }
}
