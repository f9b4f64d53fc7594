import Runtime

/// One program at work on a case: ours or a peer, with what came of it so far.
final class Contestant {
    /// Nil for samdata.
    let peer: Peer?
    private var runner: RunnerProcess?
    /// Why it has no part any more.
    private(set) var failure: String?
    /// The runs of each part of a series.
    private var parts: [[Sample]] = []
    /// The peak of its process's memory so far.
    private(set) var peakMemoryBytes = 0

    /// Starts the program; what goes wrong is kept as ``failure``.
    init(_ peer: Peer?, start: () throws(BenchError) -> RunnerProcess) {
        self.peer = peer
        do throws(BenchError) { runner = try start() } catch { fail(error) }
    }

    /// Makes one run of so many repeats that does not count, and returns its seconds.
    func warmUp(repeats: Int = 1) -> Double { run(repeats: repeats)?.seconds ?? 0 }

    /// Begins a part of a series, to which the next runs belong.
    func beginPart() { parts.append([]) }

    /// Makes one run of so many repeats and returns the processor time that it took.
    func measure(repeats: Int) -> Double {
        guard let sample = run(repeats: repeats) else { return 0 }
        parts[parts.count - 1].append(sample)
        return sample.processorSeconds * Double(repeats)
    }

    /// Waits until the program sleeps, and returns the processor time that it took until then: before the next one's turn its
    /// threads no longer wait for work, and what it made is given back, which some leave to a thread in the background.
    func settle() -> Double { runner?.settle() ?? 0 }

    /// Its runs in some parts of the series, or nil when it failed or made none.
    func timing(ofParts chosen: [Int]) -> Timing? {
        let samples = chosen.flatMap { parts[$0] }
        return failure == nil && !samples.isEmpty ? Timing(samples: samples, peakMemoryBytes: peakMemoryBytes) : nil
    }

    /// A failure ends the program's part.
    private func run(repeats: Int) -> Sample? {
        guard let runner else { return nil }
        do throws(BenchError) {
            let (sample, peak) = try runner.run(repeats: repeats)
            peakMemoryBytes = peak
            return sample
        } catch {
            fail(error)
            return nil
        }
    }

    /// Keeps the reason and lets go of the process.
    private func fail(_ error: BenchError) {
        failure = error.description
        runner = nil
    }
}
