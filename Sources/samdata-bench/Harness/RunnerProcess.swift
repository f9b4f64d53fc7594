import Foundation

/// A process of its own that runs one case when it is told to and sleeps in between: samdata's own, or a peer's.
///
/// It says that it is ready, then takes a number of repeats a line and answers each with one line of JSON. So every case
/// has a fresh process, and the peak of its memory is its own.
final class RunnerProcess {
    private let process = Process()
    private let requests = Pipe()
    private let answers = Pipe()
    private var buffered = Data()
    private let command: String

    /// - Parameters:
    ///   - program: path of the executable.
    ///   - arguments: what it is called with.
    ///   - environment: variables that are added to those of this process.
    /// - Throws: `BenchError.start`.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws(BenchError) {
        command = ([program] + arguments).joined(separator: " ")
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = requests
        process.standardOutput = answers
        do { try process.run() } catch {
            throw BenchError(.start, "'\(program)' cannot be started", cause: error)
        }
    }

    deinit {
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Waits until the case is prepared.
    func waitUntilReady() throws(BenchError) { _ = try answer() }

    /// Runs the case `repeats` times.
    ///
    /// - Returns: the time of one run, and the peak of the process's memory so far.
    func run(repeats: Int) throws(BenchError) -> (sample: Sample, peakMemoryBytes: Int) {
        do { try requests.fileHandleForWriting.write(contentsOf: Data("\(repeats)\n".utf8)) } catch {
            throw BenchError(.answer, "'\(command)' takes no more requests", cause: error)
        }
        let answer = try answer()
        guard let seconds = answer.seconds, let processorSeconds = answer.processorSeconds,
            let peak = answer.peakMemoryBytes
        else { throw BenchError(.answer, "'\(command)' answered without a time") }
        return (Sample(seconds: seconds, processorSeconds: processorSeconds), peak)
    }

    /// Looks at the process until it has slept for a moment, for two seconds at most.
    ///
    /// - Returns: the processor time that it took meanwhile.
    func settle() -> Double {
        let start = ProcessorTicks.ofProcess(process.processIdentifier)
        var last = start
        for _ in 0..<40 {
            Thread.sleep(forTimeInterval: 0.05)
            let now = ProcessorTicks.ofProcess(process.processIdentifier)
            defer { last = now }
            if now == last { break }
        }
        return last - start
    }

    private func answer() throws(BenchError) -> RunnerAnswer {
        let line = try readLine()
        guard let answer = RunnerAnswer(line: line) else {
            throw BenchError(.answer, "'\(command)' answered '\(line)', not a JSON object with times")
        }
        if let failure = answer.failure { throw BenchError(.answer, failure) }
        return answer
    }

    /// The next line that the process prints.
    func readLine() throws(BenchError) -> String {
        while true {
            if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffered[..<end], as: UTF8.self)
                buffered = Data(buffered[(end + 1)...])
                return line
            }
            let more = answers.fileHandleForReading.availableData
            if more.isEmpty { throw BenchError(.answer, "'\(command)' ended before it answered") }
            buffered += more
        }
    }
}
