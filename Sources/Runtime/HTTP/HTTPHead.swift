/// The first lines of an answer: status and header fields, read from bytes that nobody vouches for.
package struct HTTPHead: Sendable, Hashable {
    /// No head is longer.
    package static let maximumBytes = 1 << 17

    package let status: Int
    /// Bytes of the head, the blank line at its end included.
    package let byteCount: Int
    /// The fields in their order, names in lower case.
    private let fields: [Field]

    private struct Field: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// Reads a head as far as it is there.
    ///
    /// - Parameters:
    ///   - bytes: of the connection so far.
    ///   - isAtEnd: whether no more will come.
    /// - Returns: nil while more bytes are needed.
    /// - Throws: `HTTPError` with code `garbage` or `unreachable`.
    package static func parse(_ bytes: [UInt8], isAtEnd: Bool) throws(HTTPError) -> HTTPHead? {
        guard bytes.starts(with: "HTTP/1.".utf8.prefix(bytes.count)) else {
            throw HTTPError(.garbage, "what answers there is no HTTP server")
        }
        guard let end = end(of: bytes) else {
            if bytes.count > maximumBytes { throw HTTPError(.garbage, "the answer's head has no end") }
            if isAtEnd { throw HTTPError(.unreachable, "the server hung up without an answer") }
            return nil
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, let status = Int(words[1]), (100..<600).contains(status) else {
            throw HTTPError(.garbage, "the answer has no status")
        }
        let fields = lines.dropFirst().compactMap { line -> Field? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            var value = line[line.index(after: colon)...].trimmingPrefix { $0 == " " || $0 == "\t" }
            while value.last == " " { value.removeLast() }
            return Field(name: line[..<colon].lowercased(), value: String(value))
        }
        return HTTPHead(status: status, byteCount: end + 4, fields: fields)
    }

    /// The value of the first field of a name in lower case.
    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Whether the body comes in chunks.
    package var isChunked: Bool { field("transfer-encoding")?.lowercased().contains("chunked") ?? false }

    /// The body's length as stated; nil when it is not.
    ///
    /// - Throws: `HTTPError` with code `garbage` for what is no length of at most `limit` bytes.
    package func contentLength(limit: Int) throws(HTTPError) -> Int? {
        guard let text = field("content-length") else { return nil }
        guard let count = Int(text), (0...limit).contains(count) else {
            throw HTTPError(.garbage, "the answer has the length '\(text.prefix(40))'")
        }
        return count
    }

    /// Where the blank line behind the head begins; looked for in as many bytes as a head may have.
    private static func end(of bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        let count = min(bytes.count, maximumBytes)
        guard count >= mark.count else { return nil }
        return (0...(count - mark.count)).first { bytes[$0..<($0 + mark.count)].elementsEqual(mark) }
    }
}
