import KernelABI
import Kernels
import Runtime

/// The multiply-adds that this machine does when it does nothing else.
struct PeakRate: Codable, Hashable {
    /// On so many threads at once.
    let threads: Int
    /// Floating-point operations a second, all threads together.
    let operationsPerSecond: Double
    /// Floating-point operations a second of processor time.
    let operationsPerProcessorSecond: Double

    /// Measures it: the best of several runs of the kernel that does nothing but multiply-adds, since other work can only
    /// make it look worse.
    static func measure(threads: Int, runs: Int = 15) -> PeakRate {
        let kernel = Kernels.table.peak
        let iterations = 2_000_000
        let samples = (0..<runs).map { _ in
            Sample.measure(repeats: 1) {
                Workers.with(threads) {
                    Workers.forEachChunk(of: threads, grain: 1) { _, _ in
                        // The comparison keeps the loop alive; the sum is never not-a-number.
                        precondition(!kernel.run(iterations).isNaN, "the peak loop lost its way")
                    }
                }
            }
        }
        let operations = Double(kernel.operationsPerIteration * iterations * threads)
        return PeakRate(
            threads: threads, operationsPerSecond: samples.map { operations / $0.seconds }.max() ?? 0,
            operationsPerProcessorSecond: samples.map { operations / $0.processorSeconds }.max() ?? 0)
    }
}
