import Foundation

/// One line that a process which runs a case prints: that it is ready, times, or what went wrong.
struct RunnerAnswer: Codable {
    /// True when the case is prepared.
    var ready: Bool?
    /// Of one run, by the clock.
    var seconds: Double?
    /// Of one run, of all processors together.
    var processorSeconds: Double?
    /// The most memory of the process that was resident at once.
    var peakMemoryBytes: Int?
    /// What went wrong, in words.
    var failure: String?

    /// An answer without content.
    init() {}

    /// The answer that a line holds, or nil when it holds none.
    init?(line: String) {
        guard let answer = try? BenchDocument.decoder.decode(RunnerAnswer.self, from: Data(line.utf8)) else {
            return nil
        }
        self = answer
    }

    /// The answer as a line without its end.
    var line: String {
        let data = try? BenchDocument.encoder(isPretty: false).encode(self)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
