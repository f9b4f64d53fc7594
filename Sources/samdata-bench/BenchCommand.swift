import ArgumentParser
import Foundation
import JSONText
import Kernels
import Runtime

/// Measures samdata's hot paths, beside PyTorch where `SAMDATA_BENCH_PYTHON` names a Python that has it.
@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samdata-bench",
        abstract: "Measure samdata's hot paths, beside their peer where there is one.",
        discussion: """
            With the environment variable SAMDATA_BENCH_PYTHON naming a Python that can import torch, the peer's runs are
            made between ours, with the same sizes and threads. On a busy machine times are printed, ratios are not.

            Example: SAMDATA_BENCH_PYTHON=python3 samdata-bench gemm attention --threads 1
            """)

    /// Every hot path; a new one is a type of its own and a line here.
    static var groups: [any BenchCase.Type] {
        [
            GEMMCase.self, AttentionCase.self, ElementwiseCase.self, MaskLossCase.self, AdamWCase.self,
        ]
    }

    @Argument(help: "Hot paths to measure: \(groups.map { $0.group }.joined(separator: ", ")), or all.")
    var names: [String] = ["all"]

    @Option(help: "Threads to compute with (default: all that this machine gives).")
    var threads: Int?

    @Option(help: "Runs of each case, at least 5; the median counts.")
    var runs = 7

    @Flag(help: "Print one JSON document on stdout instead of text.")
    var json = false

    func validate() throws {
        let known = Self.groups.map { $0.group } + ["all"]
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw ValidationError("'\(unknown)' is no hot path; there are \(known.joined(separator: ", ")).")
        }
        if runs < 5 { throw ValidationError("--runs must be at least 5, not \(runs).") }
        if let threads, !(1...4096).contains(threads) {
            throw ValidationError("--threads must be between 1 and 4096, not \(threads).")
        }
    }

    func run() throws {
        if let threads { Workers.setProcessDefault(threads) }
        let python = ProcessInfo.processInfo.environment["SAMDATA_BENCH_PYTHON"]
        let peer = try python.map { try PeerProcess(python: $0, threads: Workers.count) }
        let harness = Harness(runs: runs, threads: Workers.count, peer: peer)
        let report = BenchReport(isJSON: json)
        let peak = harness.peak()
        report.begin(peak: peak.perSecond, threads: harness.threads, hasPeer: peer != nil)
        var measurements: [Measurement] = []
        for group in Self.groups where names.contains("all") || names.contains(group.group) {
            measurements += try measure(group, harness, peak, report)
        }
        report.end(measurements, peak: peak.perSecond)
    }

    private func measure<Case: BenchCase>(
        _ group: Case.Type, _ harness: Harness, _ peak: (perSecond: Double, perProcessorSecond: Double),
        _ report: BenchReport
    ) throws -> [Measurement] {
        try group.all.map { benchCase in
            let measurement = try harness.measure(benchCase, peak: peak)
            report.add(measurement)
            BufferPool.drain()
            return measurement
        }
    }
}
