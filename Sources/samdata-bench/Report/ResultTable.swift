import Foundation

/// Results as people read them: a line for each case and peer, then the thresholds that are not reached.
struct ResultTable {
    private let results: BenchResults

    /// A table of results that were held against the thresholds.
    init(_ results: BenchResults) { self.results = results }

    private static let titles = [
        "case", "threads", "peer", "ours (ms)", "peer (ms)", "ratio", "GFLOP/s", "of peak", "RSS ours", "RSS peer",
        "threshold",
    ]
    /// Columns of words; the others hold numbers.
    static let words: Set = [0, 2, 10]

    /// The whole text, with a line's end.
    var text: String {
        var lines = heading
        lines += Self.aligned([Self.titles] + results.measurements.flatMap(rows))
        lines += [""] + remarks
        return lines.joined(separator: "\n") + "\n"
    }

    private var heading: [String] {
        let machine = results.machine
        let rates = results.peaks.map { peak in
            String(format: "%.0f GFLOP/s on %ld", peak.operationsPerSecond / 1e9, peak.threads)
        }
        let commit = (results.versions.gitCommit?.prefix(9)).map(String.init) ?? "unknown"
        let packages = results.versions.peers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return [
            "machine:  \(machine.processor), \(machine.processors) processors, kernels \(machine.cpuLevel); "
                + "multiply-adds alone: \(rates.joined(separator: ", ")) threads",
            "samdata:  commit \(commit)\(results.versions.isModified ? ", modified" : ""), \(results.date)",
            "peers:    \(packages.isEmpty ? "none" : packages.joined(separator: ", "))", "",
        ]
    }

    private func rows(_ result: CaseResult) -> [[String]] {
        let peers: [PeerResult?] = result.peers.isEmpty ? [nil] : result.peers
        return peers.enumerated().map { index, peer in
            let isFirst = index == 0
            return [
                result.caseName, "\(result.threads)", peer?.peer.title ?? "-",
                Self.milliseconds(result.ours.medianSeconds),
                peer?.timing.map { Self.milliseconds($0.medianSeconds) } ?? (peer == nil ? "-" : "failed"),
                Self.ratio(peer, in: result), result.gigaflopsPerSecond.map { String(format: "%.1f", $0) } ?? "-",
                result.shareOfPeak.map { String(format: "%.0f %%", $0 * 100) } ?? "-",
                Self.megabytes(result.ours.peakMemoryBytes),
                peer?.timing.map { Self.megabytes($0.peakMemoryBytes) } ?? "-",
                results.thresholds.filter { verdict in
                    let threshold = verdict.threshold
                    return threshold.caseName == result.caseName && threshold.threads == result.threads
                        && (threshold.peer == nil ? isFirst : threshold.peer == peer?.peer)
                }.map(Self.short).joined(separator: ", "),
            ]
        }
    }

    /// What is not reached, and why peers failed.
    private var remarks: [String] {
        let failures = results.measurements.flatMap { result in
            result.peers.compactMap { peer in
                peer.failure.map { "\(peer.peer.title) failed at \(result.caseName): \($0)" }
            }
        }
        let verdicts = [
            ("missed", ThresholdVerdict.Outcome.missed), ("busy machine, no ratio", .busy),
            ("not measured", .notMeasured),
        ].flatMap { title, outcome in
            results.thresholds.filter { $0.outcome == outcome }.map { "\(title): \(Self.sentence($0))" }
        }
        let reached = results.thresholds.count { $0.outcome == .reached }
        return failures + verdicts + ["\(reached) of \(results.thresholds.count) thresholds reached"]
    }

    private static func sentence(_ verdict: ThresholdVerdict) -> String {
        let threshold = verdict.threshold
        let place = "\(threshold.caseName) on \(threshold.threads) threads"
        if let limit = threshold.maximumPeakMemoryBytes {
            let value = verdict.value.map { "is \(megabytes(Int($0))), " } ?? "is to be "
            return "\(place): memory \(value)at most \(megabytes(limit))"
        }
        let value = verdict.value.map { String(format: "is %.2f, at least", $0) } ?? "is to be at least"
        return "\(place): ratio to \(threshold.peer?.title ?? "a peer") \(value) "
            + String(format: "%.2f", threshold.minimumRatio ?? 0)
    }

    private static func short(_ verdict: ThresholdVerdict) -> String {
        let threshold = verdict.threshold
        let limit =
            threshold.maximumPeakMemoryBytes.map { "<= \(megabytes($0))" }
            ?? String(format: ">= %.2f", threshold.minimumRatio ?? 0)
        switch verdict.outcome {
        case .reached: return "\(limit) ok"
        case .missed: return "\(limit) MISSED"
        case .busy: return "\(limit) busy"
        case .notMeasured: return "\(limit) -"
        }
    }

    private static func ratio(_ peer: PeerResult?, in result: CaseResult) -> String {
        guard let peer else { return "-" }
        return peer.ratio.map { String(format: "%.2f", $0) } ?? (result.load.isQuiet ? "-" : "busy")
    }

    /// One measurement in a line, for progress.
    static func line(_ result: CaseResult) -> String {
        let peers = result.peers.map { peer in
            let time = peer.timing.map { milliseconds($0.medianSeconds) + " ms" } ?? "failed"
            return ", \(peer.peer.title) \(time), ratio \(ratio(peer, in: result))"
        }
        let load = result.load
        let busy = String(
            format: "%.2f before, %.2f during, %.2f after", load.busyBefore, load.busyDuring, load.busyAfter)
        return "\(result.caseName), \(result.threads) threads: \(milliseconds(result.ours.medianSeconds)) ms"
            + peers.joined() + (load.isQuiet ? "" : "; other work kept processors busy: \(busy)")
    }

    private static func milliseconds(_ seconds: Double) -> String {
        String(format: seconds < 0.1 ? "%.3f" : "%.1f", seconds * 1e3)
    }

    private static func megabytes(_ bytes: Int) -> String { String(format: "%.0f MB", Double(bytes) / 1e6) }

    /// Cells in columns: words to the left, numbers to the right.
    /// - Parameter words: columns that hold words, and are flush left.
    static func aligned(_ rows: [[String]], words: Set<Int> = words) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                return words.contains(column) ? cell + blanks : blanks + cell
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
