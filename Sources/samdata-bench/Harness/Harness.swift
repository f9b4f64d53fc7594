import Foundation

/// Measures cases: ours and the peers' runs turn by turn, each in a process of its own, the median of several.
struct Harness {
    /// Runs of each program; nil for 7, or 5 of what takes long.
    let runs: Int?
    /// Where peers run, or nil without any.
    let peers: PeerEnvironment?
    /// The peers that are asked, where the case has them.
    let wanted: [Peer]
    /// How long to wait, for each case, for a moment when the machine does nothing else.
    let waitSeconds: Double

    /// A run is repeated until it takes this long, so that the clock does not matter.
    private static let shortestSample = 0.05
    /// What takes longer than this is run five times, everything else seven times.
    private static let longRun = 2.0

    /// Measures one case.
    ///
    /// - Throws: `BenchError` when our own process fails; a peer's failure is part of the result.
    func measure(_ benchCase: any BenchCase, threads: Int, peak: PeakRate) throws -> CaseResult {
        let ours = Contestant(nil) { () throws(BenchError) in try Self.startOwn(benchCase, threads: threads) }
        var contestants = [ours]
        if let peers {
            for peer in benchCase.peers where wanted.contains(peer) && peers.has(peer) {
                contestants.append(
                    Contestant(peer) { () throws(BenchError) in
                        try peers.start(peer, benchCase, threads: threads)
                    })
            }
        }
        // The first run meets cold caches and makes what is kept between runs; it does not count.
        let warmUps = contestants.map { $0.warmUp() }
        let once = warmUps[0] < Self.shortestSample ? ours.warmUp() : warmUps[0]
        if let failure = ours.failure { throw BenchError(.answer, "\(benchCase.name) failed: \(failure)") }
        let repeats = max(1, Int((Self.shortestSample / max(once, 1e-7)).rounded(.up)))
        let wanted = runs ?? (once > Self.longRun ? 5 : 7)

        // What has to be repeated is quick in any case, whatever its first run took.
        var series = Series(
            contestants, runs: wanted, repeats: repeats, roundSeconds: repeats > 1 ? 0 : warmUps.reduce(0, +))
        series.run(until: ContinuousClock.now + .seconds(waitSeconds))
        let load = series.load
        let parts = series.chosenParts
        guard let timing = ours.timing(ofParts: parts) else {
            throw BenchError(.answer, "\(benchCase.name) failed: \(ours.failure ?? "it made no run")")
        }
        return CaseResult(
            caseName: benchCase.name, detail: benchCase.detail, threads: threads, repeats: repeats, load: load,
            ours: timing, operations: benchCase.operations,
            gigaflopsPerSecond: benchCase.operations.map { $0 / timing.medianSeconds / 1e9 },
            shareOfPeak: benchCase.operations.map {
                $0 / timing.medianProcessorSeconds / peak.operationsPerProcessorSecond
            },
            peers: contestants.compactMap { contestant in
                contestant.peer.map { peer in
                    let theirs = contestant.timing(ofParts: parts)
                    return PeerResult(
                        peer: peer, timing: theirs,
                        ratio: load.isQuiet ? theirs.map { $0.medianSeconds / timing.medianSeconds } : nil,
                        failure: contestant.failure)
                }
            })
    }

    /// This program again, to run one case.
    private static func startOwn(_ benchCase: any BenchCase, threads: Int) throws(BenchError) -> RunnerProcess {
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let runner = try RunnerProcess(program, ["serve", benchCase.name, "--threads", String(threads)])
        try runner.waitUntilReady()
        return runner
    }
}
