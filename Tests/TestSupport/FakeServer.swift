private import Foundation
private import Glibc
package import JSONText
private import Synchronization

/// A server on this machine that answers as a test says, one connection after the other.
package final class FakeServer: Sendable {
    /// A request as it came in.
    package struct Request: Sendable {
        package var method: String
        package var path: String
        package var body: [UInt8]

        package var json: JSONValue? { body.withUnsafeBytes { try? JSONDocument.parse($0, path: nil) } }
    }

    package enum Answer: Sendable {
        case bytes(String)
        /// Nothing at all, until the server is closed.
        case hang
        /// The connection is closed without a word.
        case close

        package static func json(_ text: String, status: Int = 200) -> Answer {
            .bytes("HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)")
        }
    }

    package let port: Int
    private let listener: Int32
    private let answer: @Sendable (Request, _ number: Int) -> Answer
    private let received = Mutex<[Request]>([])
    private let hanging = Mutex<[Int32]>([])
    private let isClosed = Mutex(false)

    /// - Parameter answer: to a request, whose number counts from 0.
    package init(_ answer: @escaping @Sendable (Request, _ number: Int) -> Answer) throws {
        self.answer = answer
        let socket = try LoopbackListener(backlog: 16)
        (listener, port) = (socket.descriptor, socket.port)
        let thread = Thread { [self] in serve() }
        thread.start()
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    /// All requests so far.
    package var requests: [Request] { received.withLock { $0 } }

    /// Closes everything; the thread ends. A second time nothing is done: the number of the socket may be another server's by
    /// then.
    package func close() {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        if wasClosed { return }
        shutdown(listener, Int32(SHUT_RDWR))
        hanging.withLock { descriptors in
            for descriptor in descriptors { _ = Glibc.close(descriptor) }
            descriptors = []
        }
    }

    private func serve() {
        var number = 0
        while true {
            let connection = accept(listener, nil, nil)
            if connection < 0 && (errno == EINTR || errno == ECONNABORTED) { continue }
            guard connection >= 0 else {
                _ = Glibc.close(listener)
                return
            }
            guard let request = Self.read(connection) else {
                _ = Glibc.close(connection)
                continue
            }
            received.withLock { $0.append(request) }
            switch answer(request, number) {
            case .bytes(let text):
                let bytes = Array(text.utf8)
                _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                _ = Glibc.close(connection)
            case .hang: hanging.withLock { $0.append(connection) }
            case .close: _ = Glibc.close(connection)
            }
            number += 1
        }
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound]
                let count =
                    head.split(separator: "\r\n").compactMap { line in
                        line.hasPrefix("Content-Length: ") ? Int(line.dropFirst(16)) : nil
                    }.first ?? 0
                let start = head.utf8.count + 4
                if bytes.count >= start + count {
                    let words = head.split(separator: " ")
                    return Request(
                        method: String(words[0]), path: String(words[1]), body: Array(bytes[start..<(start + count)]))
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer.prefix(count)
        }
    }
}
