private import Foundation

/// A Python with the reference projects installed, for tests that compare against them on the spot; nothing needs it.
///
/// Named by the environment variable `SAMDATA_PEER_PYTHON`; tests that want it are skipped where that is not set.
package enum PeerPython {
    /// The interpreter's path, or nil.
    package static let path = ProcessInfo.processInfo.environment["SAMDATA_PEER_PYTHON"]

    /// Runs the interpreter and waits for its end; what it writes to stderr is passed on.
    ///
    /// - Returns: the exit status and what it wrote to stdout.
    package static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        guard let path else { return (127, "SAMDATA_PEER_PYTHON is not set") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
