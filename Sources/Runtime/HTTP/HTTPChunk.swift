/// One piece of a body whose length is not stated at its start (RFC 9112, 7.1).
enum HTTPChunk {
    case chunk(Range<Int>)
    /// The end of the body, with what follows it.
    case end(Int)
    /// More bytes are needed.
    case unfinished

    /// No line that states a length, and nothing that follows the last chunk, is longer.
    private static let longestLine = 1 << 13

    /// Reads the chunk that bytes start with.
    ///
    /// - Parameter limit: the most bytes that it may have.
    /// - Throws: `HTTPError` with code `garbage`.
    static func parse(_ bytes: ArraySlice<UInt8>, limit: Int) throws(HTTPError) -> HTTPChunk {
        guard let newline = bytes.prefix(longestLine).firstIndex(of: UInt8(ascii: "\n")) else {
            guard bytes.count < longestLine else {
                throw HTTPError(.garbage, "the answer has a chunk without a length")
            }
            return .unfinished
        }
        let line = String(decoding: bytes[..<newline], as: UTF8.self)
        let digits = line.prefix { $0.isHexDigit }
        guard let count = Int(digits, radix: 16), count >= 0 else {
            throw HTTPError(.garbage, "the answer has a chunk of the length '\(line.prefix(40))'")
        }
        guard count <= limit else {
            throw HTTPError(.garbage, "the answer is longer than was asked for: a chunk of \(count) bytes")
        }
        if count > 0 {
            let range = newline + 1..<newline + 1 + count
            return bytes.endIndex >= range.upperBound + 2 ? .chunk(range) : .unfinished
        }
        // Fields may follow, each in a line; an empty line is the end.
        var start = newline + 1
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let isEmpty = end == start || end == start + 1 && bytes[start] == UInt8(ascii: "\r")
            start = end + 1
            if isEmpty { return .end(start) }
        }
        guard bytes.endIndex - newline < longestLine else { throw HTTPError(.garbage, "the answer has no end") }
        return .unfinished
    }
}
