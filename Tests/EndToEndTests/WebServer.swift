import Foundation
import Glibc
import Runtime
import TestSupport

/// nginx on this machine, serving a folder until it is stopped.
final class WebServer {
    let url: String
    private let process = Process()
    private let scratch: TemporaryDirectory

    /// The program, where it is installed.
    static let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// - Returns: nil when nginx is not installed.
    static func serving(_ folder: String) throws -> WebServer? {
        try program.map { try WebServer(folder: folder, program: $0, scratch: TemporaryDirectory()) }
    }

    private init(folder: String, program: String, scratch: TemporaryDirectory) throws {
        self.scratch = scratch
        let port = Self.freePort()
        url = "http://127.0.0.1:\(port)"
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(scratch.path)/\($0);"
        }
        try AtomicFileWriter.write(
            """
            daemon off; master_process off; pid \(scratch.path)/pid; error_log \(scratch.path)/errors;
            events { worker_connections 64; }
            http { access_log off; \(temporary.joined(separator: " "))
              server { listen 127.0.0.1:\(port); root \(folder);
                location /whole/ { max_ranges 0; alias \(folder)/; } } }
            """, to: scratch.file("nginx.conf"))
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["-p", scratch.path, "-e", scratch.file("errors"), "-c", scratch.file("nginx.conf")]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let reader = HTTPFileReader(
            try HTTPAddress(url), patience: HTTPPatience(seconds: 5, attempts: 60, firstDelay: 0.05, longestDelay: 0.5))
        // It is ready when it answers, whatever it says.
        let answer = Result { () throws(HTTPError) in try reader.whole("none", limit: 1 << 20) }
        if case .failure(let error) = answer, error.code != .missing { throw error }
    }

    private static func freePort() -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = bind(listener, generic, size)
                _ = getsockname(listener, generic, &size)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        // Not SIGTERM: a program inherits the signals that the thread that starts it has blocked, and test threads block most.
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}
