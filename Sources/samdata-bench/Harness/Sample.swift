import Dispatch
import Glibc

/// The time of one run, by the clock and of all processors together.
struct Sample: Codable, Hashable {
    /// By the clock.
    let seconds: Double
    /// Of all processors together.
    let processorSeconds: Double

    /// The mean time of `repeats` runs of `body`.
    static func measure(repeats: Int, _ body: () throws -> Void) rethrows -> Sample {
        let start = DispatchTime.now().uptimeNanoseconds
        let processorStart = processorNanoseconds()
        for _ in 0..<repeats { try body() }
        let processorEnd = processorNanoseconds()
        return Sample(
            seconds: Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 / Double(repeats),
            processorSeconds: Double(processorEnd - processorStart) * 1e-9 / Double(repeats))
    }

    /// Processor time of this process so far.
    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
