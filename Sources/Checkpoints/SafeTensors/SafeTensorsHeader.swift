private import JSONText
private import Runtime

/// The header of a safetensors file, checked: every tensor lies in the file, and together they fill its data exactly.
///
/// Layout: a little-endian 64-bit header length, that many bytes of JSON, then the data. The JSON object maps each
/// tensor's name to `{"dtype", "shape", "data_offsets": [begin, end]}`, offsets counted from the start of the data, and
/// `__metadata__` to an object of strings. Tensors may neither overlap nor leave holes. Source: the format's
/// specification and the checks of the `safetensors` library 0.8.
package struct SafeTensorsHeader: Sendable {
    /// One tensor's place in the file.
    package struct Entry: Sendable, Hashable {
        package let name: String
        package let scalarType: ScalarType
        package let shape: [Int]
        /// The tensor's bytes, counted from the start of the file.
        package let range: Range<Int>
    }

    /// The largest header that the format allows, in bytes.
    package static let maximumBytes = 100_000_000
    /// The largest number of axes that is read.
    package static let maximumRank = 32

    /// The tensors in the order of their bytes.
    package private(set) var entries: [Entry] = []
    package private(set) var metadata: [String: String] = [:]

    /// Reads the header of a whole file.
    ///
    /// Memory is bounded by the header's own size, which is bounded by the file's.
    ///
    /// - Throws: `CheckpointError.format`, `.truncated`, `.header`, `.layout` or `.scalarType`.
    package init(_ file: UnsafeRawBufferPointer, path: String? = nil) throws(CheckpointError) {
        let dataStart = try Self.dataStart(of: file, path: path)
        let text = UnsafeRawBufferPointer(rebasing: file[8..<dataStart])
        do throws(JSONError) {
            var parser = JSONPullParser(text, path: path, maximumDepth: 4)
            try read(&parser, dataStart: dataStart, path: path)
        } catch {
            // A reading error of the header's own has its code already; anything else is about the JSON text.
            if let own = error.cause as? CheckpointError { throw own }
            throw CheckpointError(
                .header, at: DataLocation(path: path), "the header is not the JSON that safetensors asks for",
                cause: error)
        }
        try checkLayout(dataStart: dataStart, fileCount: file.count, path: path)
    }

    /// Where the data starts: after the length and the header.
    private static func dataStart(of file: UnsafeRawBufferPointer, path: String?) throws(CheckpointError) -> Int {
        let location = DataLocation(path: path, byteOffset: 0)
        if let other = ForeignFormat.describe(file) {
            throw CheckpointError(.format, at: location, "this is \(other), not a safetensors file")
        }
        guard file.count >= 8 else {
            throw CheckpointError(
                .truncated, at: location, "\(file.count) bytes are too few for a safetensors file, which starts with 8")
        }
        let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(maximumBytes) else {
            throw CheckpointError(
                .header, at: location,
                "the first 8 bytes state a header of \(length) bytes; a safetensors header has at most \(maximumBytes)")
        }
        let end = 8 + Int(length)
        guard end <= file.count else {
            throw CheckpointError(
                .truncated, at: location, "the header should end at byte \(end), but the file has \(file.count) bytes")
        }
        guard length >= 2, file[8] == UInt8(ascii: "{") else {
            throw CheckpointError(
                .header, at: DataLocation(path: path, byteOffset: 8), "a safetensors header starts with '{'")
        }
        return end
    }

    private mutating func read(_ parser: inout JSONPullParser, dataStart: Int, path: String?) throws(JSONError) {
        var seen: Set<String> = []
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let name = parser.name(of: key)
            guard seen.insert(name).inserted else {
                throw Self.wrapped(.header, path, "the header names \"\(name)\" twice")
            }
            if name == "__metadata__" {
                try readMetadata(&parser, path: path)
            } else {
                entries.append(try Self.readEntry(&parser, name: name, dataStart: dataStart, path: path))
            }
        }
        try parser.finish()
    }

    private mutating func readMetadata(_ parser: inout JSONPullParser, path: String?) throws(JSONError) {
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let name = parser.name(of: key)
            guard metadata.updateValue(try parser.readString(), forKey: name) == nil else {
                throw Self.wrapped(.header, path, "the header's __metadata__ names \"\(name)\" twice")
            }
        }
    }

    private static func readEntry(
        _ parser: inout JSONPullParser, name: String, dataStart: Int, path: String?
    ) throws(JSONError) -> Entry {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let isRepeated: Bool
            switch parser.name(of: key) {
            case "dtype":
                isRepeated = typeName != nil
                typeName = try parser.readString()
            case "shape":
                isRepeated = shape != nil
                shape = try readLengths(&parser, of: name, atMost: maximumRank, path: path)
            case "data_offsets":
                isRepeated = offsets != nil
                offsets = try readLengths(&parser, of: name, atMost: 2, path: path)
            default:
                isRepeated = false
                _ = try parser.skipValue()
            }
            if isRepeated { throw wrapped(.header, path, "tensor \"\(name)\" gives a key twice") }
        }
        guard let typeName, let shape, let offsets else {
            throw wrapped(.header, path, "tensor \"\(name)\" lacks one of dtype, shape and data_offsets")
        }
        guard let type = ScalarType(rawValue: typeName) else {
            let known = ScalarType.allCases.map(\.rawValue).joined(separator: " ")
            throw wrapped(
                .scalarType, path, "tensor \"\(name)\" has elements of type \(typeName), which is none of \(known)")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw wrapped(.layout, path, "tensor \"\(name)\" has data_offsets \(offsets); [begin, end] is wanted")
        }
        var size = type.byteCount
        for length in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: length)
            guard !overflow else {
                throw wrapped(.layout, path, "tensor \"\(name)\" of shape \(shape) is larger than any file")
            }
            size = product
        }
        guard size == offsets[1] - offsets[0] else {
            throw wrapped(
                .layout, path,
                "tensor \"\(name)\" of shape \(shape) and type \(typeName) needs \(size) bytes, but its data_offsets "
                    + "\(offsets) hold \(offsets[1] - offsets[0])")
        }
        // Offsets are at most 2⁶², so the sums fit.
        return Entry(
            name: name, scalarType: type, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    private static func readLengths(
        _ parser: inout JSONPullParser, of name: String, atMost limit: Int, path: String?
    ) throws(JSONError) -> [Int] {
        var lengths: [Int] = []
        try parser.beginArray()
        while try parser.nextElement() {
            let number = try parser.readNumber()
            guard number.isIntegerText, let value = number.integer, (0...(1 << 62)).contains(value) else {
                throw wrapped(.header, path, "tensor \"\(name)\" has a length or offset of \(number.value)")
            }
            guard lengths.count < limit else {
                throw wrapped(.header, path, "tensor \"\(name)\" lists more than \(limit) lengths or offsets")
            }
            lengths.append(Int(value))
        }
        return lengths
    }

    /// Sorts the tensors by place and demands that they fill the data without hole, overlap or rest.
    private mutating func checkLayout(dataStart: Int, fileCount: Int, path: String?) throws(CheckpointError) {
        entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        let location = DataLocation(path: path)
        var end = dataStart
        for entry in entries {
            guard entry.range.lowerBound == end else {
                let problem = entry.range.lowerBound < end ? "overlaps the tensor before it" : "leaves a hole before it"
                throw CheckpointError(
                    .layout, at: location,
                    "tensor \"\(entry.name)\" starts at byte \(entry.range.lowerBound) and \(problem), "
                        + "which ends at byte \(end)")
            }
            end = entry.range.upperBound
        }
        if end > fileCount {
            throw CheckpointError(
                .truncated, at: location, "the tensors should end at byte \(end), but the file has \(fileCount) bytes")
        }
        if end < fileCount {
            throw CheckpointError(
                .layout, at: location, "\(fileCount - end) bytes follow the last tensor, which ends at byte \(end)")
        }
    }

    /// One of our own errors, carried through functions that throw `JSONError` alone.
    private static func wrapped(_ code: CheckpointError.Code, _ path: String?, _ message: String) -> JSONError {
        JSONError(.type, message, cause: CheckpointError(code, at: DataLocation(path: path), message))
    }
}
