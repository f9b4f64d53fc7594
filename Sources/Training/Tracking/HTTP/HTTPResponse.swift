/// The answer to a request, read from bytes that nobody vouches for.
package struct HTTPResponse: Sendable, Hashable {
    /// The largest answer that is read, in bytes.
    package static let maximumBytes = 8 << 20

    private static let maximumHeadBytes = 1 << 17

    package let status: Int
    package let body: [UInt8]

    /// Whether the request was done.
    package var isSuccess: Bool { (200..<300).contains(status) }

    /// Reads an answer as far as it is there.
    ///
    /// - Parameters:
    ///   - bytes: of the connection so far.
    ///   - isAtEnd: whether no more will come.
    /// - Returns: nil while more bytes are needed.
    /// - Throws: `HTTPError` with code `garbage` or `unreachable`.
    package static func parse(_ bytes: [UInt8], isAtEnd: Bool) throws(HTTPError) -> HTTPResponse? {
        guard bytes.starts(with: "HTTP/1.".utf8.prefix(bytes.count)) else {
            throw HTTPError(.garbage, "what answers there is no HTTP server")
        }
        guard bytes.count <= maximumBytes else {
            throw HTTPError(.garbage, "the answer is longer than \(maximumBytes) bytes")
        }
        guard let headEnd = end(ofHead: bytes) else {
            if bytes.count > maximumHeadBytes { throw HTTPError(.garbage, "the answer's head has no end") }
            if isAtEnd { throw HTTPError(.unreachable, "the server hung up without an answer") }
            return nil
        }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, let status = Int(words[1]), (100..<600).contains(status) else {
            throw HTTPError(.garbage, "the answer has no status")
        }
        let rest = bytes[(headEnd + 4)...]
        if (100..<200).contains(status) { return try parse(Array(rest), isAtEnd: isAtEnd) }
        if status == 204 || status == 304 { return HTTPResponse(status: status, body: []) }
        func field(_ name: String) -> String? {
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                if line[..<colon].lowercased() == name {
                    return line[line.index(after: colon)...].trimmingPrefix { $0 == " " }.lowercased()
                }
            }
            return nil
        }
        if field("transfer-encoding")?.contains("chunked") ?? false {
            guard let body = try chunked(rest) else {
                if isAtEnd { throw HTTPError(.unreachable, "the server hung up within its answer") }
                return nil
            }
            return HTTPResponse(status: status, body: body)
        }
        if let text = field("content-length") {
            guard let count = Int(text.filter { $0 != " " }), (0...maximumBytes).contains(count) else {
                throw HTTPError(.garbage, "the answer has the length '\(text.prefix(40))'")
            }
            if rest.count >= count { return HTTPResponse(status: status, body: Array(rest.prefix(count))) }
            if isAtEnd { throw HTTPError(.unreachable, "the server hung up within its answer") }
            return nil
        }
        return isAtEnd ? HTTPResponse(status: status, body: Array(rest)) : nil
    }

    /// Where the blank line behind the head begins.
    private static func end(ofHead bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        return (0...(bytes.count - mark.count)).first { bytes[$0..<($0 + mark.count)].elementsEqual(mark) }
    }

    /// A body in chunks; nil while more bytes are needed.
    private static func chunked(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> [UInt8]? {
        var rest = bytes
        var body: [UInt8] = []
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<newline], as: UTF8.self)
            let digits = line.prefix { $0.isHexDigit }
            guard let count = Int(digits, radix: 16), (0...maximumBytes).contains(count) else {
                throw HTTPError(.garbage, "the answer has a chunk of the length '\(line.prefix(40))'")
            }
            rest = rest[(newline + 1)...]
            if count == 0 { return body }
            guard rest.count >= count + 2 else { return nil }
            body.append(contentsOf: rest.prefix(count))
            rest = rest.dropFirst(count + 2)
        }
        return nil
    }
}
