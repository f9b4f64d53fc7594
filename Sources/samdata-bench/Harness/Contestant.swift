import Runtime

/// One program at work on a case: ours or a peer, with what came of it so far.
final class Contestant {
    /// Nil for samdata.
    let peer: Peer?
    private var runner: RunnerProcess?
    /// Why it has no part any more.
    private(set) var failure: String?
    /// The runs that count so far.
    private(set) var samples: [Sample] = []
    /// The peak of its process's memory so far.
    private(set) var peakMemoryBytes = 0
    /// Processor time of these runs, repeats included.
    private(set) var processorSeconds = 0.0

    /// Starts the program; what goes wrong is kept as ``failure``.
    init(_ peer: Peer?, start: () throws(BenchError) -> RunnerProcess) {
        self.peer = peer
        do throws(BenchError) { runner = try start() } catch { fail(error) }
    }

    /// Makes one run of so many repeats and returns its seconds; a failure ends the program's part.
    @discardableResult
    func run(repeats: Int) -> Double {
        guard let runner else { return 0 }
        do throws(BenchError) {
            let (sample, peak) = try runner.run(repeats: repeats)
            samples.append(sample)
            peakMemoryBytes = peak
            processorSeconds += sample.processorSeconds * Double(repeats)
            return sample.seconds
        } catch {
            fail(error)
            return 0
        }
    }

    /// Forgets all runs so far: they were warm-up, or the machine was busy.
    func forget() {
        samples = []
        processorSeconds = 0
    }

    private func fail(_ error: BenchError) {
        failure = error.description
        runner = nil
    }

    /// Its runs, or nil when it failed or made none.
    var timing: Timing? {
        failure == nil && !samples.isEmpty ? Timing(samples: samples, peakMemoryBytes: peakMemoryBytes) : nil
    }
}
