/// The answer to a request, read from bytes that nobody vouches for.
package struct HTTPResponse: Sendable, Hashable {
    /// The largest answer that is read, in bytes.
    package static let maximumBytes = 8 << 20

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
        guard let head = try HTTPHead.parse(bytes, isAtEnd: isAtEnd) else { return nil }
        guard bytes.count <= maximumBytes else {
            throw HTTPError(.garbage, "the answer is longer than \(maximumBytes) bytes")
        }
        let status = head.status
        let rest = bytes[head.byteCount...]
        if (100..<200).contains(status) { return try parse(Array(rest), isAtEnd: isAtEnd) }
        if status == 204 || status == 304 { return HTTPResponse(status: status, body: []) }
        if head.isChunked {
            guard let body = try chunked(rest) else {
                if isAtEnd { throw HTTPError(.unreachable, "the server hung up within its answer") }
                return nil
            }
            return HTTPResponse(status: status, body: body)
        }
        if let count = try head.contentLength(limit: maximumBytes) {
            if rest.count >= count { return HTTPResponse(status: status, body: Array(rest.prefix(count))) }
            if isAtEnd { throw HTTPError(.unreachable, "the server hung up within its answer") }
            return nil
        }
        return isAtEnd ? HTTPResponse(status: status, body: Array(rest)) : nil
    }

    /// A body in chunks; nil while more bytes are needed.
    private static func chunked(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> [UInt8]? {
        var rest = bytes
        var body: [UInt8] = []
        while true {
            switch try HTTPChunk.parse(rest, limit: maximumBytes - body.count) {
            case .chunk(let range):
                body.append(contentsOf: rest[range])
                rest = rest[(range.upperBound + 2)...]
            case .end: return body
            case .unfinished: return nil
            }
        }
    }
}
