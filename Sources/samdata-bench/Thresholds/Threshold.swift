import JSONText
import Runtime

/// What a case has to reach: at least so many times a peer's speed, or at most so much memory.
struct Threshold: Codable, Hashable {
    /// The case's name.
    let caseName: String
    /// Threads that it holds for.
    let threads: Int
    /// The peer that a ratio is about; nil with a limit of memory.
    let peer: Peer?
    /// The peer's time must be at least so many times ours.
    let minimumRatio: Double?
    /// The peak of our process's memory may be at most this.
    let maximumPeakMemoryBytes: Int?

    /// The committed file, beside this one in the sources.
    static let path = FileSystem.folder(of: #filePath) + "/thresholds.json"

    /// The form of the committed file.
    private struct File: Codable {
        let thresholds: [Threshold]
    }

    /// Reads the committed thresholds.
    ///
    /// - Throws: `FileError`, `BenchError.document`.
    static func committed() throws -> [Threshold] { try BenchDocument.read(File.self, path: path).thresholds }
}
