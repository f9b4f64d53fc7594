import Dispatch
import Glibc
import KernelABI
import Kernels
import Runtime

/// Measures cases: ours and the peer's turn by turn, the median of several runs.
struct Harness {
    let runs: Int
    let threads: Int
    let peer: PeerProcess?

    /// A run is repeated until it takes this long, so that the clock does not matter.
    private static let shortestSample = 0.02

    /// Multiply-adds alone, on all threads: operations per second, and per second of processor time.
    func peak() -> (perSecond: Double, perProcessorSecond: Double) {
        let kernel = Kernels.table.peak
        let iterations = 2_000_000
        let samples = (0..<runs).map { _ in
            Self.sample {
                Workers.forEachChunk(of: threads, grain: 1) { _, _ in
                    // The comparison keeps the loop alive; the sum is never not-a-number.
                    precondition(!kernel.run(iterations).isNaN, "the peak loop lost its way")
                }
            }
        }
        let operations = Double(kernel.operationsPerIteration * iterations * threads)
        return (
            operations / Measurement.median(samples.map(\.seconds)),
            operations / Measurement.median(samples.map(\.processorSeconds))
        )
    }

    func measure(_ benchCase: some BenchCase, peak: (perSecond: Double, perProcessorSecond: Double)) throws
        -> Measurement
    {
        let body = benchCase.prepare()
        body()
        let once = Self.sample(body).seconds
        let repeats = max(1, Int((Self.shortestSample / max(once, 1e-7)).rounded(.up)))
        let state = MachineState.measure()
        var ours: [Sample] = []
        var theirs: [Sample] = []
        if let peer, let request = benchCase.peerRequest { _ = try peer.run(request, repeats: 1) }
        for _ in 0..<runs {
            ours.append(Self.sample { for _ in 0..<repeats { body() } }.divided(by: repeats))
            if let peer, let request = benchCase.peerRequest {
                theirs.append(try peer.run(request, repeats: repeats))
            }
        }
        return Measurement(
            group: benchCase.group, title: benchCase.title, threads: threads, operations: benchCase.operations,
            ours: ours, peer: theirs, peak: peak, state: state)
    }

    private static func sample(_ body: () -> Void) -> Sample {
        let start = DispatchTime.now().uptimeNanoseconds
        let processorStart = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
        body()
        let processorEnd = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
        return Sample(
            seconds: Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9,
            processorSeconds: Double(processorEnd - processorStart) * 1e-9)
    }

    /// A clock's reading in nanoseconds.
    private static func nanoseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
