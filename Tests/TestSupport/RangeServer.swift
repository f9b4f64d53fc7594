private import Foundation
private import Glibc
private import Synchronization

/// A web server on this machine that holds files in memory, keeps connections, knows ranges, and misbehaves when a test
/// says so.
package final class RangeServer: Sendable {
    /// How a request is answered wrongly.
    package enum Fault: Sendable {
        /// With a status and nothing else.
        case status(Int)
        /// With the right head and so many bytes of the body, then the connection is closed.
        case truncated(Int)
        /// With so many bytes of the body, then nothing more comes.
        case stall(Int)
        /// Not at all: the connection is closed.
        case close
        /// With the whole file, as servers do that know no ranges.
        case whole
        /// With another first byte than was asked for.
        case otherRange
        /// As if the file had so many bytes more.
        case longerFile(Int)
        /// With a content length of so many bytes more than come.
        case longerBody(Int)
        /// With another name of the file's state.
        case otherVersion
        /// With bytes of the body changed.
        case flipped
        /// With text that is no answer.
        case garbage
    }

    package let port: Int
    private let listener: Int32
    private let files: Mutex<[String: [UInt8]]>
    private let fault: @Sendable (_ path: String, _ number: Int) -> Fault?
    private let received = Mutex<[String]>([])
    private let connections = Mutex<(accepted: Int, open: Set<Int32>, isClosed: Bool)>((0, [], false))

    /// - Parameters:
    ///   - files: by path, which begins with a slash.
    ///   - fault: what goes wrong with a request, by its path and number, counted from 0.
    package init(
        _ files: [String: [UInt8]],
        fault: @escaping @Sendable (_ path: String, _ number: Int) -> Fault? = { _, _ in nil }
    ) throws {
        self.files = Mutex(files)
        self.fault = fault
        let socket = try LoopbackListener(backlog: 64)
        (listener, port) = (socket.descriptor, socket.port)
        Thread { [self] in accept() }.start()
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    /// `PATH RANGE` of all requests so far; `PATH` alone of those for whole files.
    package var requests: [String] { received.withLock { $0 } }
    /// Connections that were accepted so far.
    package var connectionCount: Int { connections.withLock { $0.accepted } }

    /// Puts another file in a file's place.
    package func replace(_ path: String, with bytes: [UInt8]) { files.withLock { $0[path] = bytes } }

    /// Closes everything; the threads end.
    package func close() {
        connections.withLock { connections in
            if connections.isClosed { return }
            connections.isClosed = true
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in connections.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection < 0 && (errno == EINTR || errno == ECONNABORTED) { continue }
            let isWanted = connections.withLock { connections in
                if connections.isClosed || connection < 0 { return false }
                connections.accepted += 1
                connections.open.insert(connection)
                return true
            }
            guard isWanted else {
                if connection >= 0 { _ = Glibc.close(connection) }
                _ = Glibc.close(listener)
                return
            }
            Thread { [self] in
                serve(connection)
                connections.withLock { connections in
                    connections.open.remove(connection)
                    _ = Glibc.close(connection)
                }
            }.start()
        }
    }

    private func serve(_ connection: Int32) {
        var pending: [UInt8] = []
        while let head = Self.head(connection, &pending) {
            let lines = head.components(separatedBy: "\r\n")
            let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
            let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }?.dropFirst("range: bytes=".count)
            let number = received.withLock { received in
                received.append(path + (range.map { " \($0)" } ?? ""))
                return received.count - 1
            }
            guard answer(path, range.map(String.init), fault(path, number), connection) else { return }
        }
    }

    /// - Returns: whether the connection is kept.
    private func answer(_ path: String, _ range: String?, _ fault: Fault?, _ connection: Int32) -> Bool {
        guard let file = files.withLock({ $0[path] }) else {
            return Self.send(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", [])
        }
        let ends = range?.split(separator: "-").compactMap { Int($0) } ?? []
        var body = file
        var status = "200 OK"
        var fields = "ETag: \"\(file.count)-\(file.reduce(0) { ($0 &* 31) &+ Int($1) })\"\r\n"
        if ends.count == 2 {
            guard ends[0] < file.count else {
                return Self.send(connection, "HTTP/1.1 416 Range\r\nContent-Length: 0\r\n\r\n", [])
            }
            let last = min(ends[1], file.count - 1)
            body = Array(file[ends[0]...last])
            status = "206 Partial Content"
            fields += "Content-Range: bytes \(ends[0])-\(last)/\(file.count)\r\n"
        }
        var count = body.count
        switch fault {
        case nil: break
        case .status(let code):
            return Self.send(connection, "HTTP/1.1 \(code) X\r\nContent-Length: 0\r\n\r\n", [])
        case .close: return false
        case .garbage:
            _ = Self.send(connection, "220 mail.example.org ready\r\n\r\n", [])
            return false
        case .truncated(let sent), .stall(let sent):
            _ = Self.send(
                connection, "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(count)\r\n\r\n", Array(body.prefix(sent)))
            if case .stall = fault {
                // Until the other side gives up.
                var byte: UInt8 = 0
                _ = recv(connection, &byte, 1, 0)
            }
            return false
        case .whole:
            (body, count, status, fields) = (file, file.count, "200 OK", "")
        case .otherRange:
            fields = "Content-Range: bytes \(ends[0] + 1)-\(ends[0] + body.count)/\(file.count + 1)\r\n"
        case .longerFile(let more):
            fields = "Content-Range: bytes \(ends[0])-\(ends[0] + body.count - 1)/\(file.count + more)\r\n"
        case .longerBody(let more): count += more
        case .otherVersion: fields = fields.replacingOccurrences(of: "ETag: \"", with: "ETag: \"x")
        case .flipped: body[body.count / 2] ^= 4
        }
        return Self.send(connection, "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(count)\r\n\r\n", body)
    }

    private static func send(_ connection: Int32, _ head: String, _ body: [UInt8]) -> Bool {
        var rest = (Array(head.utf8) + body)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// The next request's head; nil when the connection is closed.
    private static func head(_ connection: Int32, _ pending: inout [UInt8]) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: pending, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                pending.removeFirst(head.utf8.count + 4)
                return head
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            pending += buffer.prefix(count)
        }
    }
}
