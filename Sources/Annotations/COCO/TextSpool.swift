private import Foundation
internal import JSONText
internal import Runtime

/// Elements of a JSON list that wait in a file of their own until the list's turn comes.
struct TextSpool {
    private let path: String
    private let file: AtomicFileWriter
    private var isEmpty = true

    /// - Throws: `FileError.write`.
    init(path: String) throws(FileError) {
        self.path = path
        file = try AtomicFileWriter(path: path)
    }

    /// Adds a member of an object, one line.
    mutating func addMember(_ name: String, _ value: JSONValue) throws(FileError) {
        try add { $0.raw(Array((JSONValue.string(name).text() + ":" + value.text()).utf8)) }
    }

    /// Adds an element, one line.
    mutating func add(_ write: (inout JSONWriter) -> Void) throws(FileError) {
        var writer = JSONWriter()
        write(&writer)
        if !isEmpty { try file.write(",") }
        isEmpty = false
        try file.write("\n")
        try file.write(writer.bytes)
    }

    /// Writes `,` and the list as a member of an object that is open in another file, and removes this one.
    ///
    /// - Parameter isObject: whether what waits are members of an object.
    func write(as name: String, isObject: Bool = false, to target: AtomicFileWriter) throws(FileError) {
        let (open, close) = isObject ? ("{", "}") : ("[", "]")
        try target.write(",\n\"\(name)\":\(open)")
        try file.commit()
        defer { unlink(path) }
        let spooled = try MappedFile(path: path)
        let step = 4 << 20
        for start in stride(from: 0, to: spooled.bytes.count, by: step) {
            let end = min(start + step, spooled.bytes.count)
            try target.write(UnsafeRawBufferPointer(rebasing: spooled.bytes[start..<end]))
            spooled.discard(before: end)
        }
        try target.write(isEmpty ? close : "\n" + close)
    }
}
