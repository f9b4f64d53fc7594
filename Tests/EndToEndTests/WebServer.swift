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
    static let program = [
        "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", Repository.root + "/.build/nginx/usr/sbin/nginx",
    ].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// - Returns: nil when nginx is not installed.
    static func serving(_ folder: String) throws -> WebServer? {
        try program.map { try WebServer(folder: folder, program: $0, scratch: TemporaryDirectory()) }
    }

    private init(folder: String, program: String, scratch: TemporaryDirectory) throws {
        self.scratch = scratch
        let port = try Self.freePort()
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

    /// A port that nobody has at the moment.
    private static func freePort() throws -> Int {
        let listener = try LoopbackListener(backlog: 1)
        close(listener.descriptor)
        return listener.port
    }

    deinit { process.killGroup() }
}
