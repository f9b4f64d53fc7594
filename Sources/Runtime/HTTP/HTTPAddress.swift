/// The address of a server: `http://HOST[:PORT][/PATH]`.
package struct HTTPAddress: Sendable, Hashable {
    /// Name or number, without the brackets of an IPv6 address.
    package let host: String
    package let port: Int
    /// What the paths of requests begin with, without a slash at its end.
    package let path: String

    /// Whether text is meant as an address on the web, supported or not.
    package static func isMeant(by text: String) -> Bool {
        let start = text.prefix(8).lowercased()
        return start.hasPrefix("http://") || start.hasPrefix("https://")
    }

    /// - Throws: `HTTPError` with code `address`.
    package init(_ text: String) throws(HTTPError) {
        func failure(_ reason: String) -> HTTPError {
            HTTPError(.address, "'\(text)' \(reason); an address looks like http://127.0.0.1:5000")
        }
        let scheme = "http://"
        guard text.lowercased().hasPrefix(scheme) else {
            throw failure(
                text.lowercased().hasPrefix("https://")
                    ? "is an https address, which is not supported (a proxy on this machine can add it)"
                    : "does not begin with http://")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw failure("holds blanks or other letters") }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var path = String(rest.dropFirst(authority.count))
        guard !path.contains(where: { $0 == "?" || $0 == "#" }) else { throw failure("has a query") }
        while path.hasSuffix("/") { path.removeLast() }
        guard !authority.contains("@") else { throw failure("holds a name and password, which are not supported") }
        var port = "80"
        var host = authority
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw failure("has a bracket that is not closed") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { throw failure("has no port behind its host") }
            if !behind.isEmpty { port = String(behind.dropFirst()) }
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = String(authority[authority.index(after: colon)...])
        }
        guard !host.isEmpty else { throw failure("names no host") }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw failure("has the port '\(port)', which is not a number from 1 to 65535")
        }
        self.host = String(host)
        self.port = number
        self.path = path
    }

    /// Host and port as a request names them.
    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// Text with everything but letters, digits and `-._~` as `%XX`.
    ///
    /// - Parameter keepsSlashes: whether `/` stays.
    package static func escaped(_ text: String, keepingSlashes keepsSlashes: Bool = false) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: "/") where keepsSlashes: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
