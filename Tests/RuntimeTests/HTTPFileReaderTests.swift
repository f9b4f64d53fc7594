import Runtime
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPFileReaderTests {
    static let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    static let patience = HTTPPatience(seconds: 5, attempts: 3, firstDelay: 0.001, longestDelay: 0.01)

    private func reader(_ server: RangeServer, _ patience: HTTPPatience = patience) throws -> HTTPFileReader {
        HTTPFileReader(try HTTPAddress(server.url + "/dir"), patience: patience)
    }

    private func server(
        _ fault: @escaping @Sendable (String, Int) -> RangeServer.Fault? = { _, _ in nil }
    ) throws -> RangeServer {
        try RangeServer(["/dir/a%20b": Self.bytes, "/dir/empty": []], fault: fault)
    }

    @Test func rangesAndWholeFilesOverOneConnection() throws {
        let server = try server()
        defer { server.close() }
        let reader = try reader(server)
        #expect(reader.url("a b") == server.url + "/dir/a%20b")
        for range in [0..<1, 0..<100_000, 99_999..<100_000, 500..<90_500] {
            let part = try reader.part("a b", range)
            #expect(part.bytes == Array(Self.bytes[range]) && part.fileBytes == 100_000 && part.version != nil)
        }
        #expect(try reader.whole("a b", limit: 100_000) == Self.bytes)
        #expect(try reader.whole("empty", limit: 0) == [])
        #expect(server.connectionCount == 1)
        #expect(server.requests.first == "/dir/a%20b 0-0")
    }

    @Test func manyThreadsGetWhatIsTheirs() throws {
        let server = try server()
        defer { server.close() }
        let reader = try reader(server)
        let parts = try Workers.with(7) {
            try Workers.map(60) { index in try reader.part("a b", index * 1000..<index * 1000 + 1500).bytes }
        }
        for (index, part) in parts.enumerated() {
            #expect(part == Array(Self.bytes[index * 1000..<index * 1000 + 1500]))
        }
    }

    /// What passes is tried again, and nobody notices.
    @Test(arguments: [
        RangeServer.Fault.status(503), .status(429), .status(408), .close, .truncated(0), .truncated(700),
    ])
    func troublePasses(fault: RangeServer.Fault) throws {
        let server = try server { _, number in number < 2 ? fault : nil }
        defer { server.close() }
        #expect(try reader(server).part("a b", 10..<1010).bytes == Array(Self.bytes[10..<1010]))
    }

    @Test func aStallIsTriedAgain() throws {
        let server = try server { _, number in number < 1 ? .stall(700) : nil }
        defer { server.close() }
        let reader = try reader(server, HTTPPatience(seconds: 0.2, attempts: 2, firstDelay: 0.001))
        #expect(try reader.part("a b", 10..<1010).bytes == Array(Self.bytes[10..<1010]))
    }

    @Test(arguments: [
        (RangeServer.Fault.status(503), HTTPError.Code.unreachable, "503"), (.close, .unreachable, "3 attempts"),
        (.truncated(700), .unreachable, "700 of 1000"), (.status(403), .refused, "403"),
        (.status(301), .refused, "301"), (.whole, .ranges, "whole files"), (.otherRange, .garbage, "asked for"),
        (.longerBody(5), .garbage, "1005"), (.garbage, .garbage, "HTTP"),
    ])
    func troubleThatStaysIsTold(fault: RangeServer.Fault, code: HTTPError.Code, word: String) throws {
        let server = try server { _, _ in fault }
        defer { server.close() }
        let reader = try reader(server)
        let error = try #require(throws: HTTPError.self) { try reader.part("a b", 10..<1010) }
        #expect(error.code == code && error.message.contains(word), "\(error)")
        // Only what may pass is tried again.
        #expect(server.requests.count == (code == .unreachable ? 3 : 1))
    }

    @Test func stallsEnd() throws {
        let server = try server { _, _ in .stall(5) }
        defer { server.close() }
        let reader = try reader(server, HTTPPatience(seconds: 0.1, attempts: 2, firstDelay: 0.001))
        let error = try #require(throws: HTTPError.self) { try reader.part("a b", 0..<10) }
        #expect(error.code == .timeout && error.message.contains("2 attempts"))
    }

    @Test func filesThatEndEarlierOrAreNotThere() throws {
        let server = try server()
        defer { server.close() }
        let reader = try reader(server)
        for range in [99_990..<100_001, 100_000..<100_010] {
            let error = try #require(throws: HTTPError.self) { try reader.part("a b", range) }
            #expect(error.code == .changed)
        }
        let error = try #require(throws: HTTPError.self) { try reader.part("none", 0..<1) }
        #expect(error.code == .missing)
        let long = try #require(throws: HTTPError.self) { try reader.whole("a b", limit: 99_999) }
        #expect(long.code == .garbage)
        // The connection is still good, or replaced.
        #expect(try reader.part("a b", 0..<3).bytes == Array(Self.bytes[0..<3]))
    }

    @Test func nobodyThere() throws {
        let server = try server()
        let port = server.port
        server.close()
        let reader = HTTPFileReader(try HTTPAddress("http://127.0.0.1:\(port)"), patience: Self.patience)
        let error = try #require(throws: HTTPError.self) { try reader.whole("x", limit: 10) }
        #expect(error.code == .unreachable)
    }

    /// Bodies in chunks, and bodies that end with the connection.
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "abcde"),
        // What looks like the end is in the middle, and fields follow the end.
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n",
            "0\r\n\r\na"
        ),
        ("HTTP/1.0 200 OK\r\n\r\nabc", "abc"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "ab"),
    ])
    func otherBodies(answer: String, body: String) throws {
        let server = try FakeServer { _, _ in .bytes(answer) }
        defer { server.close() }
        let reader = HTTPFileReader(try HTTPAddress(server.url), patience: Self.patience)
        #expect(try reader.whole("x", limit: 100) == Array(body.utf8))
    }

    /// What could go on for ever has an end.
    @Test(arguments: [
        String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 40) + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "5\r\n0\r\n\r\n\r\n", count: 90),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "1", count: 9000),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + String(repeating: "X: y\r\n", count: 3000),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nabc",
    ])
    func endlessAnswers(answer: String) throws {
        let server = try FakeServer { _, _ in .bytes(answer) }
        defer { server.close() }
        let reader = HTTPFileReader(try HTTPAddress(server.url), patience: Self.patience)
        let error = try #require(throws: HTTPError.self) { try reader.whole("x", limit: 100) }
        #expect(error.code == .garbage, "\(error)")
    }

    /// A server that was given up is not asked again.
    @Test func aLostServerStaysLost() throws {
        let server = try FakeServer { _, _ in .bytes("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n") }
        defer { server.close() }
        let reader = HTTPFileReader(try HTTPAddress(server.url), patience: Self.patience)
        for name in ["x", "y", "z"] {
            let error = try #require(throws: HTTPError.self) { try reader.whole(name, limit: 100) }
            #expect(error.code == .unreachable && error.message.contains("503"))
        }
        #expect(server.requests.count == Self.patience.attempts)
    }

    /// Whatever comes is an error or the right bytes: never a crash, a hang or other bytes.
    @Test func survivesMutations() throws {
        let text = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\nabcde"
        let server = try FakeServer { _, number in
            var bytes = Array(text.utf8)
            var random = CounterRandom(seed: 3, sample: UInt64(number), purpose: RandomPurpose("mutate answer"))
            let at = random.index(below: bytes.count - 5)
            switch random.index(below: 3) {
            case 0: bytes[at] = 32 + UInt8(random.index(below: 95))
            case 1: bytes.remove(at: at)
            default: bytes.insert(32 + UInt8(random.index(below: 95)), at: at)
            }
            return .bytes(String(decoding: bytes, as: UTF8.self))
        }
        defer { server.close() }
        let reader = HTTPFileReader(
            try HTTPAddress(server.url), patience: HTTPPatience(seconds: 2, attempts: 1, firstDelay: 0))
        for _ in 0..<200 {
            do {
                let part = try reader.part("x", 0..<5)
                // A blank line that came early leaves a body of other bytes; CRC-32C finds those.
                #expect(part.bytes.count == 5)
            } catch {
                #expect(error.code != .address)
            }
        }
    }

    @Test func delaysGrow() {
        let patience = HTTPPatience(firstDelay: 0.5, longestDelay: 3)
        #expect((1...6).map { patience.delay(after: $0) } == [0.5, 1, 2, 3, 3, 3])
        #expect(patience.delay(after: 1_000_000) == 3)
    }
}
