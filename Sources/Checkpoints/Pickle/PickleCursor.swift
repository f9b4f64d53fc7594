private import Runtime

/// Reads numbers, lines and texts of a pickle one after the other, never past its end.
struct PickleCursor {
    private let file: UnsafeRawBufferPointer
    private let end: Int
    private let path: String?
    private let limits: PickleLimits
    /// The next byte's place in the file.
    private(set) var offset: Int

    init(_ file: UnsafeRawBufferPointer, range: Range<Int>, path: String?, limits: PickleLimits) {
        self.file = file
        self.path = path
        self.limits = limits
        offset = range.lowerBound
        end = min(range.upperBound, range.lowerBound + min(limits.bytes, range.count))
    }

    /// A broken pickle, seen at a place that is by default the next byte.
    func failure(at place: Int? = nil, _ message: String) -> CheckpointError {
        failure(.pickle, at: place, message)
    }

    /// An error at a place of the pickle, by default the next byte.
    func failure(_ code: CheckpointError.Code, at place: Int? = nil, _ message: String) -> CheckpointError {
        CheckpointError(code, at: DataLocation(path: path, byteOffset: place ?? offset), message)
    }

    /// Takes a run of bytes.
    mutating func take(_ count: UInt64) throws(CheckpointError) -> UnsafeRawBufferPointer {
        guard count <= UInt64(end - offset), let bytes = file.slice(offset, count: Int(count)) else {
            throw failure(
                .truncated, "the pickle needs \(count) bytes here, but ends after \(end - offset)")
        }
        offset += bytes.count
        return bytes
    }

    /// Takes a little-endian number.
    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(CheckpointError) -> Number {
        try take(UInt64(MemoryLayout<Number>.size)).little(type, at: 0) ?? 0
    }

    /// Takes UTF-8 text of so many bytes.
    mutating func text(_ count: UInt64) throws(CheckpointError) -> String {
        let start = offset
        guard count <= UInt64(limits.textBytes) || count > UInt64(end - offset) else {
            throw failure("a text of \(count) bytes is too long; \(limits.textBytes) are allowed")
        }
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw failure(at: start, "a text is not UTF-8")
        }
        return text
    }

    /// Takes bytes, which stay where they are.
    mutating func bytes(_ count: UInt64) throws(CheckpointError) -> PickleValue {
        let start = offset
        _ = try take(count)
        return .bytes(start..<offset)
    }

    /// Takes a whole number in two's complement of so many bytes.
    mutating func long(_ count: UInt64) throws(CheckpointError) -> PickleValue {
        guard count <= UInt64(limits.numberBytes) else {
            throw failure("a whole number of \(count) bytes is too long; \(limits.numberBytes) are allowed")
        }
        let bytes = try take(count)
        guard let last = bytes.last else { return .integer(0) }
        if bytes.count > 8 { return .largeInteger(Array(bytes)) }
        var value: UInt64 = last >= 0x80 ? .max : 0
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return .integer(Int(Int64(bitPattern: value)))
    }

    /// Takes a line and its end.
    mutating func line() throws(CheckpointError) -> String {
        let start = offset
        let limit = min(end, offset + limits.textBytes)
        guard let stop = file[offset..<limit].firstIndex(of: UInt8(ascii: "\n")) else {
            throw failure(limit == end ? .truncated : .pickle, "a line of the pickle has no end")
        }
        guard let text = String(validating: file[start..<stop], as: UTF8.self) else {
            throw failure(at: start, "a line of the pickle is not UTF-8")
        }
        offset = stop + 1
        return text
    }

    /// Takes a line that is a whole number.
    mutating func integerLine() throws(CheckpointError) -> Int {
        let start = offset
        let text = try line()
        guard let value = Int(text) else { throw failure(at: start, "\"\(text.prefix(40))\" is no whole number") }
        return value
    }
}
