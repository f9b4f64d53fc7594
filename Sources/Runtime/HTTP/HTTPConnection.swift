internal import Glibc

/// One TCP connection with a deadline for everything together.
///
/// `@unchecked Sendable`: it belongs to one thread at a time, and may be kept for another's next request.
final class HTTPConnection: @unchecked Sendable {
    private let descriptor: Int32
    private var deadline: ContinuousClock.Instant

    /// Connects to the first address of a host that answers.
    ///
    /// - Throws: `HTTPError` with code `unreachable` or `timeout`.
    init(_ address: HTTPAddress, seconds: Double) throws(HTTPError) {
        deadline = .now + .seconds(seconds)
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(address.host, String(address.port), &hints, &list)
        guard status == 0 else {
            throw HTTPError(.unreachable, "\(address.host) is not known: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(list) }
        var failure = HTTPError(.unreachable, "\(address.host) has no address")
        var next = list
        while let candidate = next {
            switch Self.connect(candidate.pointee, until: deadline) {
            case .success(let descriptor):
                self.descriptor = descriptor
                return
            case .failure(let error):
                failure = HTTPError(error.code, "\(address.authority): \(error.message)")
            }
            next = candidate.pointee.ai_next
        }
        throw failure
    }

    private static func connect(
        _ candidate: addrinfo, until deadline: ContinuousClock.Instant
    ) -> Result<Int32, HTTPError> {
        let descriptor = socket(
            candidate.ai_family, candidate.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            candidate.ai_protocol)
        guard descriptor >= 0 else { return .failure(HTTPError(.unreachable, FileSystem.reason())) }
        if Glibc.connect(descriptor, candidate.ai_addr, candidate.ai_addrlen) != 0 {
            do throws(HTTPError) {
                guard errno == EINPROGRESS else { throw HTTPError(.unreachable, FileSystem.reason()) }
                try wait(for: descriptor, Int16(POLLOUT), until: deadline)
                var status: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size)
                guard status == 0 else { throw HTTPError(.unreachable, String(cString: strerror(status))) }
            } catch {
                close(descriptor)
                return .failure(error)
            }
        }
        return .success(descriptor)
    }

    private static func wait(
        for descriptor: Int32, _ events: Int16, until deadline: ContinuousClock.Instant
    ) throws(HTTPError) {
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { throw HTTPError(.timeout, "no answer in time") }
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = poll(&entry, 1, Int32(min(left.rounded(.up), 1e6)))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw HTTPError(.unreachable, FileSystem.reason()) }
        }
    }

    /// Sends all bytes.
    ///
    /// - Throws: `HTTPError` with code `unreachable` or `timeout`.
    func send(_ bytes: [UInt8]) throws(HTTPError) {
        var done = 0
        while done < bytes.count {
            let sent = bytes[done...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent > 0 {
                done += sent
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                try Self.wait(for: descriptor, Int16(POLLOUT), until: deadline)
            } else if errno != EINTR {
                throw HTTPError(.unreachable, "the server hung up: \(FileSystem.reason())")
            }
        }
    }

    /// The next bytes, at most 64 KiB; none at the end.
    ///
    /// - Throws: `HTTPError` with code `unreachable` or `timeout`.
    func receive() throws(HTTPError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            try Self.wait(for: descriptor, Int16(POLLIN), until: deadline)
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return Array(buffer.prefix(count)) }
            guard [EAGAIN, EWOULDBLOCK, EINTR].contains(errno) else {
                throw HTTPError(.unreachable, "the server hung up: \(FileSystem.reason())")
            }
        }
    }

    /// Sets a new deadline, for another request.
    func allow(seconds: Double) { deadline = .now + .seconds(seconds) }

    /// Moves the deadline on for bytes that came: 50 kB are worth a second.
    func earn(_ bytes: Int) { deadline += .seconds(Double(bytes) / 50_000) }

    /// Reads as many bytes as there are, at most as `buffer` holds; 0 at the end.
    ///
    /// - Throws: `HTTPError` with code `unreachable` or `timeout`.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(HTTPError) -> Int {
        while true {
            // Most of the time the bytes are there already.
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            guard [EAGAIN, EWOULDBLOCK, EINTR].contains(errno) else {
                throw HTTPError(.unreachable, "the server hung up: \(FileSystem.reason())")
            }
            try Self.wait(for: descriptor, Int16(POLLIN), until: deadline)
        }
    }

    deinit { close(descriptor) }
}
