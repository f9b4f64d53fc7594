internal import Foundation
package import JSONText
package import Runtime

/// `metrics.jsonl`: one JSON object a line, appended as training goes.
///
/// A line is written whole with one system call, so that a kill leaves whole lines, and readers may follow the file.
package final class MetricsLog {
    package let path: String
    /// Whether the lines that were kept tell of the model that training begins with.
    package let knowsStart: Bool
    /// How that model stood by the measure that checkpoints are compared by, where the lines tell it.
    package let startScore: Double?
    private let descriptor: Int32
    /// Told of each line once it is written.
    package var follower: ((JSONValue) -> Void)?

    /// Opens the log for appending.
    ///
    /// - Parameters:
    ///   - step: lines of later steps are dropped first: a resumed run computes them again.
    ///   - epoch: as are lines of the ends of later epochs.
    /// - Throws: `FileError.write` when the file cannot be opened.
    package init(path: String, keepingThroughStep step: Int, epoch: Int) throws(FileError) {
        self.path = path
        var (knowsStart, startScore) = (false, Double?.none)
        if FileSystem.exists(path) {
            let bytes = try FileSystem.read(path)
            let kept = Self.lines(of: bytes, throughStep: step, epoch: epoch)
            if kept.bytes.count < bytes.count { try AtomicFileWriter.write(kept.bytes, to: path) }
            (knowsStart, startScore) = (kept.knowsStart, kept.startScore)
        }
        (self.knowsStart, self.startScore) = (knowsStart, startScore)
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw FileError(.write, path: path, "cannot be opened: \(FileSystem.reason())")
        }
    }

    /// Appends one object.
    package func append(_ line: JSONValue) throws(FileError) {
        let bytes = Array((line.text() + "\n").utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count else {
            throw FileError(.write, path: path, "cannot be written: \(FileSystem.reason())")
        }
        follower?(line)
    }

    /// The leading lines that are whole and belong to no step after `step`, and close no epoch after `epoch`; without the
    /// evaluation at the end, as the run goes on.
    private static func lines(of bytes: [UInt8], throughStep step: Int, epoch: Int) -> (
        bytes: [UInt8], knowsStart: Bool, startScore: Double?
    ) {
        var (end, knowsStart, startScore) = (0, false, Double?.none)
        while end < bytes.count, let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) {
            let value = bytes[end..<newline].withUnsafeBytes { try? JSONDocument.parse($0, path: nil) }
            guard let value, value["step"]?.int ?? 0 <= step,
                value["kind"]?.string != "epoch" || value["epoch"]?.int ?? 0 <= epoch,
                value["moment"]?.string != "end"
            else { break }
            end = newline + 1
            if value["moment"]?.string == "start" {
                knowsStart = true
                startScore = score(of: value["validation"])
            }
        }
        return (Array(bytes[..<end]), knowsStart, startScore)
    }

    /// ``Evaluation/score`` of a line's figures.
    private static func score(of validation: JSONValue?) -> Double? {
        let means = PromptKind.allCases.compactMap { validation?[$0.rawValue]?["iou"]?.double }
        return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
    }

    deinit { close(descriptor) }
}
