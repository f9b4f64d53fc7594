import Foundation

/// How long the machine's processors have worked since it started.
struct ProcessorTicks {
    /// Seconds of work of all processors together; time that a hypervisor took away counts as work.
    let busySeconds: Double
    /// Seconds of all processors together, at work or not.
    let totalSeconds: Double

    /// The state now, to a hundredth of a second.
    static func now() -> ProcessorTicks {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        // user nice system idle iowait irq softirq steal ...
        let ticks = (text.split(separator: "\n").first ?? "").split(separator: " ").dropFirst().prefix(8)
            .compactMap { Double($0) }
        guard ticks.count == 8 else { return ProcessorTicks(busySeconds: 0, totalSeconds: 0) }
        let rate = Double(sysconf(Int32(_SC_CLK_TCK)))
        let total = ticks.reduce(0, +)
        return ProcessorTicks(busySeconds: (total - ticks[3] - ticks[4]) / rate, totalSeconds: total / rate)
    }

    /// Seconds that a process and its threads have worked, to a hundredth; 0 for one that is gone.
    static func ofProcess(_ identifier: Int32) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        // pid (name) state ... utime stime; the name may hold anything.
        let fields = (text.split(separator: ")").last ?? "").split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Processors that worked between an earlier moment and now, `ownSeconds` of processor time left out.
    func busyProcessors(since earlier: ProcessorTicks, ownSeconds: Double = 0) -> Double {
        let total = totalSeconds - earlier.totalSeconds
        guard total > 0 else { return 0 }
        let wall = total / Double(ProcessInfo.processInfo.activeProcessorCount)
        return max(0, busySeconds - earlier.busySeconds - ownSeconds) / wall
    }
}
