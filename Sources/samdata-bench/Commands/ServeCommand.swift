import ArgumentParser
import Foundation
import Runtime

/// Runs one case each time it is told to: what `run` starts for every case.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run one case each time a number of repeats comes on stdin.",
        shouldDisplay: false)

    @Argument(help: "The case's name.")
    var name: String

    @Option(help: "Threads to compute with.")
    var threads: Int

    func run() throws {
        guard let benchCase = CaseCatalogue.cases(named: name).first else {
            throw ValidationError("'\(name)' is no case.")
        }
        Workers.setProcessDefault(threads)
        let body = try benchCase.prepare()
        var answer = RunnerAnswer()
        answer.ready = true
        send(answer)
        while let line = readLine(), let repeats = Int(line) {
            let sample = try Sample.measure(repeats: repeats, body)
            var answer = RunnerAnswer()
            answer.seconds = sample.seconds
            answer.processorSeconds = sample.processorSeconds
            answer.peakMemoryBytes = Self.peakMemoryBytes()
            send(answer)
        }
    }

    private func send(_ answer: RunnerAnswer) {
        print(answer.line)
        fflush(nil)
    }

    /// The most memory of this process that was resident at once; unlike `getrusage` it leaves out the program that
    /// started this one.
    private static func peakMemoryBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }.flatMap { Int($0) }
            .map { $0 * 1024 } ?? 0
    }
}
