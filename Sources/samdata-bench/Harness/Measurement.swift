import JSONText

/// The time of one run, by the clock and of all processors together.
struct Sample {
    let seconds: Double
    let processorSeconds: Double

    func divided(by count: Int) -> Sample {
        Sample(seconds: seconds / Double(count), processorSeconds: processorSeconds / Double(count))
    }
}

/// The times of one case, ours and the peer's.
struct Measurement {
    let group: String
    let title: String
    let threads: Int
    let operations: Double?
    let ours: [Sample]
    /// The peer's runs, made between ours; empty without a peer.
    let peer: [Sample]
    /// Multiply-adds that this machine does when it does nothing else, on the same threads.
    let peak: (perSecond: Double, perProcessorSecond: Double)
    let state: MachineState

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The median by the clock.
    var seconds: Double { Self.median(ours.map(\.seconds)) }
    /// The median of processor time, which other work on the machine disturbs less.
    var processorSeconds: Double { Self.median(ours.map(\.processorSeconds)) }
    var peerSeconds: Double? { peer.isEmpty ? nil : Self.median(peer.map(\.seconds)) }
    var peerProcessorSeconds: Double? { peer.isEmpty ? nil : Self.median(peer.map(\.processorSeconds)) }

    /// Operations per second, in 10⁹.
    var gigaflops: Double? { operations.map { $0 / seconds / 1e9 } }
    /// The part of the processor time that the machine's peak would take.
    var shareOfPeak: Double? { operations.map { $0 / processorSeconds / peak.perProcessorSecond } }

    /// How many times the peer's time is ours: above 1 we are faster. Nil without a peer or on a busy machine.
    var ratio: Double? { state.isQuiet ? peerSeconds.map { $0 / seconds } : nil }

    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return .object([
            "group": .string(group), "case": .string(title), "threads": .integer(Int64(threads)),
            "runs": .integer(Int64(ours.count)), "medianSeconds": .number(seconds),
            "medianProcessorSeconds": .number(processorSeconds), "gigaflopsPerSecond": number(gigaflops),
            "shareOfPeak": number(shareOfPeak), "peerMedianSeconds": number(peerSeconds),
            "peerMedianProcessorSeconds": number(peerProcessorSeconds), "ratio": number(ratio),
            "loadAverage": .number(state.loadAverage), "busyProcessors": .number(state.busyProcessors),
        ])
    }
}
