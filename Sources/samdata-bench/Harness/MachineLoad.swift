import Foundation

/// How busy the machine was with work that is not measured: before, during and after the runs of a case.
struct MachineLoad: Codable, Hashable {
    /// The one-minute load average after the runs; it counts what was measured, too.
    let loadAverage: Double
    /// Processors that others kept busy while everything measured slept, before the runs.
    let busyBefore: Double
    /// Processors that others kept busy on average from the first run to the last.
    let busyDuring: Double
    /// As ``busyBefore``, after the runs.
    let busyAfter: Double
    /// Whether all three are at most ``limit``: only then are ratios worth printing.
    let isQuiet: Bool

    /// Above this, a time says more about the neighbours than about the code.
    static let limit = 0.25

    /// - Parameters:
    ///   - before: processors busy before the runs.
    ///   - during: processors busy with other work from the first run to the last.
    ///   - after: processors busy after the runs.
    init(before: Double, during: Double, after: Double) {
        var averages = [0.0, 0, 0]
        getloadavg(&averages, 3)
        // The clock of the system ticks in hundredths of a second; more digits say nothing.
        func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
        loadAverage = rounded(averages[0])
        busyBefore = rounded(before)
        busyDuring = rounded(during)
        busyAfter = rounded(after)
        isQuiet = max(before, during, after) <= Self.limit
    }

    /// Processors that are busy while this thread sleeps for a moment.
    static func busyProcessors() -> Double {
        let before = ProcessorTicks.now()
        Thread.sleep(forTimeInterval: 0.5)
        return ProcessorTicks.now().busyProcessors(since: before)
    }

    /// As ``busyProcessors()``, but waits for a quiet moment until `deadline`.
    static func busyProcessors(waitingUntil deadline: ContinuousClock.Instant) -> Double {
        while true {
            let busy = busyProcessors()
            if busy <= limit || ContinuousClock.now >= deadline { return busy }
            Thread.sleep(forTimeInterval: 1)
        }
    }
}
