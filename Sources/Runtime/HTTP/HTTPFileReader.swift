private import Glibc
private import Synchronization

/// Reads files of a web server, whole or by ranges, over connections that are kept: GET of RFC 9110 with one range.
///
/// What passes (no answer, a hang-up within one, 408, 429, 5xx) is tried again after a wait that grows. Nothing that the
/// server states about sizes is believed before it is held against what was asked for and what came; no memory is taken
/// for bytes that did not come. A server that was given up once stays so. Reading is safe from any number of threads.
package final class HTTPFileReader: Sendable {
    package let address: HTTPAddress
    package let patience: HTTPPatience
    private let idle = Mutex<[HTTPConnection]>([])
    /// Why the server was given up. It is asked nothing more: else each of many files would cost all the patience again.
    private let lost = Mutex<HTTPError?>(nil)

    /// A part of a file.
    package struct Part: Sendable, Hashable {
        package let bytes: [UInt8]
        /// Length of the whole file in bytes, as the server states it.
        package let fileBytes: Int
        /// What the server calls this state of the file: its `ETag`, or when it was changed last.
        package let version: String?
    }

    /// - Parameter address: of the folder that files are named in.
    package init(_ address: HTTPAddress, patience: HTTPPatience = HTTPPatience()) {
        self.address = address
        self.patience = patience
    }

    /// The address of a file.
    package func url(_ name: String) -> String { "http://\(address.authority)\(path(name))" }

    /// A whole file.
    ///
    /// - Parameter limit: the most bytes that are read.
    /// - Throws: `HTTPError`: `missing`, `refused`, `garbage` when it is longer; `unreachable` or `timeout` after the last
    ///   attempt.
    package func whole(_ name: String, limit: Int) throws(HTTPError) -> [UInt8] {
        try persistently { () throws(HTTPError) in
            try exchange(name, range: nil, limit: limit) { head throws(HTTPError) in try Self.checkStatus(head) }.bytes
        }
    }

    /// A range of a file, which must hold it.
    ///
    /// - Throws: as ``whole(_:limit:)``, `ranges` when the server sends whole files only, `changed` when the file is
    ///   shorter than that.
    package func part(_ name: String, _ range: Range<Int>) throws(HTTPError) -> Part {
        precondition(!range.isEmpty && range.lowerBound >= 0, "the range \(range)")
        return try persistently { () throws(HTTPError) in
            var fileBytes = 0
            let (head, bytes) = try exchange(name, range: range, limit: range.count) { head throws(HTTPError) in
                fileBytes = try Self.fileBytes(head, of: range)
            }
            guard bytes.count == range.count else {
                throw HTTPError(.unreachable, "\(bytes.count) bytes came, \(range.count) were asked for")
            }
            return Part(
                bytes: bytes, fileBytes: fileBytes, version: head.field("etag") ?? head.field("last-modified"))
        }
    }

    private func path(_ name: String) -> String { address.path + "/" + HTTPAddress.escaped(name) }

    // MARK: Attempts

    private func persistently<Result>(_ attempt: () throws(HTTPError) -> Result) throws(HTTPError) -> Result {
        var failures = 0
        while true {
            if let error = lost.withLock({ $0 }) { throw error }
            do throws(HTTPError) {
                return try attempt()
            } catch {
                failures += 1
                guard error.code == .unreachable || error.code == .timeout else { throw error }
                guard failures < patience.attempts else {
                    let last = HTTPError(error.code, "\(error.message) (\(failures) attempts)")
                    lost.withLock { $0 = last }
                    throw last
                }
            }
            usleep(UInt32(patience.delay(after: failures) * 1e6))
        }
    }

    /// One request and its answer. A kept connection that the server has closed meanwhile is replaced by a new one; that is
    /// no failure.
    private func exchange(
        _ name: String, range: Range<Int>?, limit: Int, check: (HTTPHead) throws(HTTPError) -> Void
    ) throws(HTTPError) -> (head: HTTPHead, bytes: [UInt8]) {
        var lines = [
            "GET \(path(name)) HTTP/1.1", "Host: \(address.authority)", "User-Agent: samdata", "Accept: */*",
            "Accept-Encoding: identity",
        ]
        if let range { lines.append("Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)") }
        let request = Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
        while let kept = idle.withLock({ $0.popLast() }) {
            kept.allow(seconds: patience.seconds)
            do throws(HTTPError) {
                try kept.send(request)
                var answer = HTTPAnswerReader(kept)
                // Not one byte came: the server had closed it.
                guard try answer.fill() else { continue }
                return try finish(&answer, on: kept, limit: limit, check: check)
            } catch  where error.code == .unreachable {
                continue
            }
        }
        let connection = try HTTPConnection(address, seconds: patience.seconds)
        try connection.send(request)
        var answer = HTTPAnswerReader(connection)
        return try finish(&answer, on: connection, limit: limit, check: check)
    }

    private func finish(
        _ answer: inout HTTPAnswerReader, on connection: HTTPConnection, limit: Int,
        check: (HTTPHead) throws(HTTPError) -> Void
    ) throws(HTTPError) -> (head: HTTPHead, bytes: [UInt8]) {
        let head = try answer.head()
        try check(head)
        let (bytes, isWhole) = try answer.body(head, limit: limit)
        if isWhole, head.field("connection")?.lowercased() != "close" {
            idle.withLock { if $0.count < Self.keptConnections { $0.append(connection) } }
        }
        return (head, bytes)
    }

    private static let keptConnections = 16

    // MARK: What a head says

    private static func checkStatus(_ head: HTTPHead) throws(HTTPError) {
        switch head.status {
        case 200: return
        case 404, 410: throw HTTPError(.missing, "there is no such file (status \(head.status))")
        case 408, 429, 500...: throw HTTPError(.unreachable, "the server answers with status \(head.status)")
        case 300..<400:
            let place = head.field("location").map { " to \($0.prefix(200))" } ?? ""
            throw HTTPError(.refused, "the server sends us on\(place) (status \(head.status)), which is not followed")
        default: throw HTTPError(.refused, "the server answers with status \(head.status)")
        }
    }

    /// The file's length, of an answer to a request for a range.
    private static func fileBytes(_ head: HTTPHead, of range: Range<Int>) throws(HTTPError) -> Int {
        if head.status == 416 {
            throw HTTPError(.changed, "the file ends before byte \(range.lowerBound)")
        }
        if head.status == 200 {
            throw HTTPError(
                .ranges,
                "the server sends whole files only; a server that knows Range requests is needed, such as nginx")
        }
        guard head.status == 206 else {
            try checkStatus(head)
            throw HTTPError(.garbage, "the answer has status \(head.status)")
        }
        guard let stated = head.field("content-range"), let (first, last, total) = contentRange(stated) else {
            throw HTTPError(
                .garbage, "the answer states no range: '\(head.field("content-range")?.prefix(60) ?? "")'")
        }
        guard first == range.lowerBound, last < total else {
            throw HTTPError(
                .garbage,
                "the answer is bytes \(first)-\(last) of \(total), asked for were "
                    + "\(range.lowerBound)-\(range.upperBound - 1)")
        }
        guard last == range.upperBound - 1 else {
            if total < range.upperBound {
                throw HTTPError(.changed, "the file has \(total) bytes, byte \(range.upperBound - 1) was asked for")
            }
            throw HTTPError(
                .garbage, "the answer ends at byte \(last), asked for was \(range.upperBound - 1)")
        }
        guard try head.contentLength(limit: .max).map({ $0 == range.count }) ?? true else {
            throw HTTPError(
                .garbage, "the answer states \(head.field("content-length") ?? "") bytes for a range of \(range.count)")
        }
        return total
    }

    /// `bytes FIRST-LAST/TOTAL`.
    private static func contentRange(_ text: String) -> (first: Int, last: Int, total: Int)? {
        let words = text.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let halves = words[1].split(separator: "/")
        guard halves.count == 2, let total = Int(halves[1]), total >= 0 else { return nil }
        let ends = halves[0].split(separator: "-")
        guard ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), first >= 0, last >= first else {
            return nil
        }
        return (first, last, total)
    }
}
