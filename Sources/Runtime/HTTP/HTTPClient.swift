/// Sends requests to one server, each over a connection of its own, and waits for the answer no longer than so long.
///
/// HTTP/1.1 after RFC 9112, as far as a client without encryption, redirects and cookies needs it.
package struct HTTPClient: Sendable {
    package let address: HTTPAddress
    /// What a request may take from the connection to the last byte of the answer, and a second more for each 250 kB.
    package let seconds: Double

    package init(_ address: HTTPAddress, seconds: Double) {
        self.address = address
        self.seconds = seconds
    }

    /// - Parameters:
    ///   - path: below the server's own, with its query, escaped.
    ///   - type: of the body, such as `application/json`.
    /// - Throws: `HTTPError`; an answer with a status of failure is none.
    package func send(
        _ method: String, _ path: String, type: String = "application/json", body: [UInt8] = []
    ) throws(HTTPError) -> HTTPResponse {
        let connection = try HTTPConnection(address, seconds: seconds + Double(body.count) / 250_000)
        let head = [
            "\(method) \(address.path)\(path) HTTP/1.1", "Host: \(address.authority)", "User-Agent: samdata",
            "Accept: */*", "Connection: close", "Content-Type: \(type)", "Content-Length: \(body.count)", "", "",
        ]
        try connection.send(Array(head.joined(separator: "\r\n").utf8) + body)
        var bytes: [UInt8] = []
        while true {
            let part = try connection.receive()
            bytes += part
            if let response = try HTTPResponse.parse(bytes, isAtEnd: part.isEmpty) { return response }
        }
    }
}
