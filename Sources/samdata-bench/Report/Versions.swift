import Foundation
import Runtime

/// What was measured: our own sources and compiler, and the peers.
struct Versions: Codable, Hashable {
    /// The commit of the sources, if they are in git.
    let gitCommit: String?
    /// Whether the sources have changes that are not committed.
    let isModified: Bool
    /// The compiler on the path, as a rule the one that built this program.
    let swift: String?
    /// Versions of Python and of packages, by name.
    let peers: [String: String]

    /// The versions of this program's sources, and of an environment.
    static func current(peers: PeerEnvironment?) -> Versions {
        let folder = FileSystem.folder(of: #filePath)
        let compiler = output(["swift", "--version"])?.split(separator: "\n").first { $0.contains("Swift version") }
        return Versions(
            gitCommit: output(["git", "-C", folder, "rev-parse", "HEAD"]),
            isModified: output(["git", "-C", folder, "status", "--porcelain"]).map { !$0.isEmpty } ?? false,
            swift: compiler.map(String.init), peers: peers?.versions ?? [:])
    }

    /// What a program on the path prints, or nil when it fails or is not there.
    private static func output(_ command: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
