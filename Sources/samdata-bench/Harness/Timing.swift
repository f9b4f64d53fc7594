/// The runs of one case by one program.
struct Timing: Codable, Hashable {
    /// One for each run, in the order in which they were made.
    let samples: [Sample]
    /// The median by the clock.
    let medianSeconds: Double
    /// The median of processor time, which other work on the machine disturbs less.
    let medianProcessorSeconds: Double
    /// The most memory that was resident at once in the program's process, in bytes.
    let peakMemoryBytes: Int

    /// - Parameters:
    ///   - samples: at least one.
    ///   - peakMemoryBytes: of the process.
    init(samples: [Sample], peakMemoryBytes: Int) {
        self.samples = samples
        self.peakMemoryBytes = peakMemoryBytes
        medianSeconds = Self.median(samples.map(\.seconds))
        medianProcessorSeconds = Self.median(samples.map(\.processorSeconds))
    }

    /// The middle value, or the mean of the two in the middle.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
