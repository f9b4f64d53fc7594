import ArgumentParser
import Foundation
import Kernels
import Runtime

/// Measures cases and holds them against the thresholds.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure hot paths beside their peers, and name the thresholds that are missed.",
        discussion: """
            Each program runs a case in a process of its own, in turn with the others; the median counts. On a machine that \
            is busy with other work times are printed, ratios are not. The exit code is 1 when a threshold is missed.

            Peers run in the Python that SAMDATA_BENCH_PYTHON names, or in the environment that `make bench-peers` makes.

            Example: samdata-bench encoder/vit_b gemm --threads 1,2 -o results.json
            """)

    @Argument(help: "Cases or groups of cases (\(CaseCatalogue.groups.joined(separator: ", "))), or all.")
    var names: [String] = ["all"]

    @Option(help: "Numbers of threads to compute with, such as 1,2 (default: all that this machine gives).")
    var threads: String?

    @Option(help: "Runs of each program, at least 5 (default: 7, or 5 of what takes more than two seconds).")
    var runs: Int?

    @Option(
        help: "Peers to run, such as pytorch,onnxruntime; none for samdata alone (default: all that are installed).")
    var peers: String?

    @Option(help: "Seconds to wait, for each case, for a moment when the machine does nothing else.")
    var waitQuiet = 0.0

    @Option(name: [.customShort("o"), .long], help: "File to write the results to, as JSON.")
    var output: String?

    @Flag(help: "Print the results as JSON on stdout instead of a table.")
    var json = false

    @Flag(help: "Print the names of the cases and what they measure, and measure nothing.")
    var list = false

    /// The numbers of threads that were asked for, or nil when one of them is none.
    private var threadCounts: [Int]? {
        guard let threads else { return [Workers.count] }
        let counts = threads.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        return counts.allSatisfy { (1...4096).contains($0) } ? counts : nil
    }

    /// The peers that were asked for, or nil when one of them is none.
    private var wantedPeers: [Peer]? {
        guard let peers else { return Peer.allCases }
        if peers == "none" { return [] }
        let wanted = peers.split(separator: ",").map { Peer(rawValue: String($0)) }
        return wanted.contains(nil) ? nil : wanted.compactMap { $0 }
    }

    func validate() throws {
        if let unknown = names.first(where: { CaseCatalogue.cases(named: $0).isEmpty }) {
            throw ValidationError(
                "'\(unknown)' is no case and no group; the groups are \(CaseCatalogue.groups.joined(separator: ", ")), and --list names the cases."
            )
        }
        if let runs, runs < 5 { throw ValidationError("--runs must be at least 5, not \(runs).") }
        if threadCounts == nil {
            throw ValidationError("--threads must be numbers between 1 and 4096, such as 1,2, not '\(threads ?? "")'.")
        }
        if wantedPeers == nil {
            throw ValidationError("--peers must be pytorch, onnxruntime, both, or none, not '\(peers ?? "")'.")
        }
        if !(waitQuiet >= 0 && waitQuiet.isFinite) {
            throw ValidationError("--wait-quiet must be at least 0 seconds, not \(waitQuiet).")
        }
    }

    func run() throws {
        let cases = CaseCatalogue.all.filter { one in
            names.contains { name in CaseCatalogue.cases(named: name).contains { $0.name == one.name } }
        }
        if list {
            for one in cases { print("\(one.name): \(one.detail)") }
            return
        }
        let wanted = wantedPeers ?? []
        let environment = wanted.isEmpty ? nil : try PeerEnvironment.find()
        if environment == nil && !wanted.isEmpty {
            note(
                "No peers here: `make bench-peers` installs them, or SAMDATA_BENCH_PYTHON names a Python that has them."
            )
        }
        let thresholds = try Threshold.committed()
        var results = BenchResults(machine: .current(), versions: .current(peers: environment))
        let harness = Harness(runs: runs, peers: environment, wanted: wanted, waitSeconds: waitQuiet)
        for threads in threadCounts ?? [] {
            let peak = PeakRate.measure(threads: threads)
            results.peaks.append(peak)
            for one in cases {
                let result = try harness.measure(one, threads: threads, peak: peak)
                note(ResultTable.line(result))
                results.measurements.append(result)
                results.judge(by: thresholds)
                // Again after each case, so that what was measured outlives an interruption.
                if let output { try AtomicFileWriter.write(BenchDocument.text(results), to: output) }
            }
        }
        print(json ? try BenchDocument.text(results) : ResultTable(results).text, terminator: "")
        if results.isMissingAny { throw ExitCode(1) }
    }

    /// Progress goes to stderr, results to stdout.
    private func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
