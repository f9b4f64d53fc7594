import Foundation

/// How busy the machine is with other work.
struct MachineState {
    /// Processors that others kept busy while this process slept.
    let busyProcessors: Double
    /// The one-minute load average.
    let loadAverage: Double

    /// Above this, a time says more about the neighbours than about the code.
    static let limit = 0.25

    var isQuiet: Bool { busyProcessors <= Self.limit }

    var text: String {
        String(format: "load %.2f, %.2f processors busy with other work", loadAverage, busyProcessors)
    }

    /// Sleeps for a moment and reads how much time the system spent idle meanwhile.
    static func measure(seconds: Double = 0.3) -> MachineState {
        let before = ticks()
        Thread.sleep(forTimeInterval: seconds)
        let after = ticks()
        let total = after.total - before.total
        let busy = total == 0 ? 0 : Double(after.busy - before.busy) / Double(total)
        var averages = [0.0, 0, 0]
        getloadavg(&averages, 3)
        return MachineState(
            busyProcessors: busy * Double(ProcessInfo.processInfo.processorCount), loadAverage: averages[0])
    }

    /// Clock ticks of all processors since boot: spent working, and in all.
    private static func ticks() -> (busy: Int, total: Int) {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first ?? ""
        let numbers = line.split(separator: " ").dropFirst().compactMap { Int($0) }
        guard numbers.count >= 5 else { return (0, 0) }
        // user nice system idle iowait irq softirq steal ...
        let total = numbers.prefix(8).reduce(0, +)
        return (total - numbers[3] - numbers[4], total)
    }
}
