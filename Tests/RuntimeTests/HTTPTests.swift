import Runtime
import TestSupport
import Testing

@Suite struct HTTPTests {
    // MARK: Addresses

    @Test(
        arguments: [
            ("http://127.0.0.1:5000", "127.0.0.1", 5000, ""), ("http://host", "host", 80, ""),
            ("HTTP://host:1/", "host", 1, ""), ("http://a.b:65535/ml/flow//", "a.b", 65535, "/ml/flow"),
            ("http://[::1]:8080/x", "::1", 8080, "/x"), ("http://[fe80::1]", "fe80::1", 80, ""),
        ])
    func addressesAreTakenApart(text: String, host: String, port: Int, path: String) throws {
        let address = try HTTPAddress(text)
        #expect(address.host == host && address.port == port && address.path == path)
    }

    @Test(
        arguments: [
            "", "host:5000", "https://host", "ftp://host", "http://", "http://:80", "http://host:0",
            "http://host:65536",
            "http://host:x", "http://host:", "http://me:word@host", "http://host/?a=b", "http://ho st", "http://[::1",
            "http://[::1]x", "http://h\u{e4}st", "http://host\r\nX: y",
        ])
    func othersAreRefused(text: String) throws {
        let error = try #require(throws: HTTPError.self) { try HTTPAddress(text) }
        #expect(error.code == .address && error.message.contains("http://127.0.0.1:5000"))
    }

    @Test func textsAreEscaped() {
        #expect(HTTPAddress.escaped("a b/ä&=%~_-.") == "a%20b%2F%C3%A4%26%3D%25~_-.")
        #expect(HTTPAddress.escaped("a/b c", keepingSlashes: true) == "a/b%20c")
    }

    // MARK: Answers

    private func parse(_ text: String, isAtEnd: Bool = false) throws -> HTTPResponse? {
        try HTTPResponse.parse(Array(text.utf8), isAtEnd: isAtEnd)
    }

    private func body(_ response: HTTPResponse?) -> String? {
        response.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test(
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200\r\ncontent-length:  5 \r\n\r\nhello and more",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        ])
    func answersAreReadWhole(text: String) throws {
        #expect(body(try parse(text)) == "hello")
        // Of no shorter part does anybody claim that it is whole, or something else.
        let bytes = Array(text.utf8)
        let end = text.contains("more") ? bytes.count - 9 : text.contains("0\r\n\r\n") ? bytes.count - 2 : bytes.count
        for count in 0..<end {
            let part = try HTTPResponse.parse(Array(bytes.prefix(count)), isAtEnd: false)
            #expect(part == nil, "\(count)")
            #expect(throws: HTTPError.self) { try HTTPResponse.parse(Array(bytes.prefix(count)), isAtEnd: true) }
        }
    }

    @Test func withoutALengthTheEndDecides() throws {
        let text = "HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\ngone"
        #expect(try parse(text) == nil)
        let response = try #require(try parse(text, isAtEnd: true))
        #expect(response.status == 404 && !response.isSuccess && body(response) == "gone")
        #expect(try parse("HTTP/1.1 204 No Content\r\n\r\n")?.isSuccess == true)
    }

    @Test(
        arguments: [
            "SSH-2.0-OpenSSH\r\n", "<html>", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 99 X\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        ])
    func garbageIsNamed(text: String) throws {
        let error = try #require(throws: HTTPError.self) { _ = try parse(text) }
        #expect(error.code == .garbage)
    }

    @Test func answersWithoutEndAreNotRead() throws {
        let head = Array("HTTP/1.1 200 OK\r\n".utf8)
        let endlessHead = head + [UInt8](repeating: 65, count: 1 << 18)
        #expect(
            try #require(throws: HTTPError.self) { try HTTPResponse.parse(endlessHead, isAtEnd: false) }.code
                == .garbage)
        let endlessBody = head + Array("\r\n".utf8) + [UInt8](repeating: 65, count: HTTPResponse.maximumBytes)
        #expect(
            try #require(throws: HTTPError.self) { try HTTPResponse.parse(endlessBody, isAtEnd: false) }.code
                == .garbage)
    }

    // MARK: Requests

    @Test func aRequestIsSentAndAnswered() throws {
        let server = try FakeServer { request, _ in
            .json("[\"\(request.method) \(request.path)\", \(request.body.count)]")
        }
        defer { server.close() }
        let client = HTTPClient(try HTTPAddress(server.url + "/base"), seconds: 20)
        let response = try client.send("POST", "/a?b=c", body: [UInt8](repeating: 32, count: 1 << 20))
        #expect(body(response) == "[\"POST /base/a?b=c\", 1048576]")
    }

    /// A server that takes a connection and is silent costs the time that was granted, and no more.
    @Test func silenceEnds() throws {
        let server = try FakeServer { _, _ in .hang }
        defer { server.close() }
        let client = HTTPClient(try HTTPAddress(server.url), seconds: 0.2)
        let error = try #require(throws: HTTPError.self) { _ = try client.send("GET", "/") }
        #expect(error.code == .timeout)
    }

    @Test func nobodyThereIsAnError() throws {
        let server = try FakeServer { _, _ in .close }
        let client = HTTPClient(try HTTPAddress(server.url), seconds: 20)
        #expect(try #require(throws: HTTPError.self) { _ = try client.send("GET", "/") }.code == .unreachable)
        server.close()
        let unknown = HTTPClient(try HTTPAddress("http://no-such-host.invalid"), seconds: 20)
        #expect(try #require(throws: HTTPError.self) { _ = try unknown.send("GET", "/") }.code == .unreachable)
    }
}
