/// Reads one answer from a connection: its head, then its body.
struct HTTPAnswerReader {
    private let connection: HTTPConnection
    private var bytes: [UInt8] = []
    private var isAtEnd = false

    init(_ connection: HTTPConnection) { self.connection = connection }

    /// Waits for more bytes.
    ///
    /// - Returns: whether some came.
    mutating func fill() throws(HTTPError) -> Bool {
        let part = try connection.receive()
        if part.isEmpty { isAtEnd = true } else { bytes += part }
        connection.earn(part.count)
        return !isAtEnd
    }

    /// The head; what the server says before the answer itself (status 1xx) is skipped.
    mutating func head() throws(HTTPError) -> HTTPHead {
        var skipped = 0
        while true {
            if let head = try HTTPHead.parse(bytes, isAtEnd: isAtEnd) {
                bytes.removeFirst(head.byteCount)
                if head.status >= 200 { return head }
                skipped += 1
                guard skipped <= Self.mostInterim else {
                    throw HTTPError(.garbage, "the server says status \(head.status) again and again, and nothing else")
                }
            } else {
                _ = try fill()
            }
        }
    }

    /// What a server may say before its answer; it could go on for ever.
    private static let mostInterim = 16

    /// The body, which follows the head.
    ///
    /// - Parameter limit: the most bytes that it may have.
    /// - Returns: the bytes, and whether the connection is ready for another request.
    mutating func body(_ head: HTTPHead, limit: Int) throws(HTTPError) -> (bytes: [UInt8], isWhole: Bool) {
        if head.isChunked { return (try chunks(limit: limit), true) }
        guard let count = try head.contentLength(limit: limit) else {
            while try fill() {
                guard bytes.count <= limit else {
                    throw HTTPError(.garbage, "the answer is longer than \(limit) bytes")
                }
            }
            return (bytes, false)
        }
        guard bytes.count <= count else { return (Array(bytes.prefix(count)), false) }
        // Memory grows as bytes come: a server may state any length.
        bytes.reserveCapacity(min(count, 1 << 24))
        while bytes.count < count {
            let start = bytes.count
            let space = min(count - start, max(1 << 16, min(1 << 20, start)))
            bytes.append(contentsOf: repeatElement(0, count: space))
            let connection = connection
            let outcome = bytes.withUnsafeMutableBytes { target in
                Result { () throws(HTTPError) in
                    try connection.receive(into: UnsafeMutableRawBufferPointer(rebasing: target[start...]))
                }
            }
            let received = try outcome.get()
            bytes.removeLast(space - received)
            connection.earn(received)
            if received == 0 {
                throw HTTPError(.unreachable, "the server hung up after \(start) of \(count) bytes")
            }
        }
        return (bytes, true)
    }

    /// A body in chunks, each taken as soon as it is there.
    private mutating func chunks(limit: Int) throws(HTTPError) -> [UInt8] {
        var body: [UInt8] = []
        var start = 0
        // What stands between the chunks could be more than they are.
        var framing = 0
        while true {
            let known = bytes.count - start
            switch try HTTPChunk.parse(bytes[start...], limit: limit - body.count) {
            case .chunk(let range):
                body.append(contentsOf: bytes[range])
                framing += range.lowerBound - start + 2
                start = range.upperBound + 2
                guard framing <= 8 * limit + HTTPHead.maximumBytes else {
                    throw HTTPError(.garbage, "the answer is more of lengths than of bytes")
                }
                continue
            case .end(let end):
                bytes.removeFirst(end)
                return body
            case .unfinished: break
            }
            // What was taken goes when it is most of what is there, so that each byte is moved a few times at the most.
            if start > bytes.count / 2 {
                bytes.removeFirst(start)
                start = 0
            }
            guard known <= limit - body.count + HTTPHead.maximumBytes else {
                throw HTTPError(.garbage, "the answer is longer than \(limit) bytes")
            }
            guard try fill() else { throw HTTPError(.unreachable, "the server hung up within its answer") }
        }
    }
}
