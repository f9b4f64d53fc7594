internal import Annotations

/// How often samples come up, by the classes in them.
package struct ClassFactors: Sendable {
    /// Samples and objects of a class.
    package struct Count: Sendable, Hashable {
        package var samples = 0
        package var objects = 0

        package init(samples: Int = 0, objects: Int = 0) {
            self.samples = samples
            self.objects = objects
        }
    }

    private let settings: BalanceSettings
    private let counts: [Int: Count]
    /// r(c), or the weight of a class.
    private let factors: [Int: Double]
    /// That of samples without an object.
    private let factorOfEmpty: Double
    /// Weights are multiplied by it, so that an epoch is as long as the set.
    private let scale: Double
    /// What a cap leaves of samples that hold nothing but classes above it, by class.
    private var capShares: [Int: Double] = [:]
    /// What it leaves of all samples with a class that would come up more often than it may.
    private var limits: [Int: Double] = [:]

    /// - Parameter samples: the classes of every sample with the numbers of their objects.
    package init(_ samples: [[Int: Int]], settings: BalanceSettings) {
        self.settings = settings
        var counts: [Int: Count] = [:]
        for sample in samples {
            for (label, objects) in sample where objects > 0 {
                counts[label, default: Count()].samples += 1
                counts[label, default: Count()].objects += objects
            }
        }
        self.counts = counts
        let total = Count(samples: samples.count, objects: counts.values.reduce(0) { $0 + $1.objects })
        let factors = counts.mapValues { Self.factor($0, of: total, settings) }
        self.factors = factors
        switch settings.method {
        case .repeatFactor, .instanceRepeatFactor, .none:
            factorOfEmpty = 1
            scale = 1
        case .inverseFrequency, .effectiveNumber:
            // A sample without objects is worth as much as one of the most frequent class.
            let least = factors.values.min() ?? 1
            factorOfEmpty = least
            let sum = samples.reduce(0.0) { sum, sample in
                sum + (sample.keys.compactMap { factors[$0] }.max() ?? least)
            }
            scale = sum > 0 ? Double(samples.count) / sum : 1
        }
        if let cap = settings.cap { limit(samples, to: Double(cap)) }
    }

    /// Finds what the cap leaves of samples.
    private mutating func limit(_ samples: [[Int: Int]], to cap: Double) {
        capShares = expected(samples).mapValues { min(1, cap / $0) }
        // Samples of other classes below the cap stay: but they may not lead a class beyond what it had.
        limits = expected(samples).reduce(into: [:]) { limits, entry in
            let most = max(cap, Double(counts[entry.key]?.objects ?? 0))
            if entry.value > most { limits[entry.key] = most / entry.value }
        }
    }

    /// Objects of each class in an epoch, on average, by what is known so far; the minimum is left out.
    private func expected(_ samples: [[Int: Int]]) -> [Int: Double] {
        var sums: [Int: Double] = [:]
        for sample in samples {
            let repeats = min(capped(sample), settings.maximumRepeat ?? Self.mostRepeats)
            for (label, objects) in sample where objects > 0 { sums[label, default: 0] += repeats * Double(objects) }
        }
        return sums
    }

    /// How often a sample comes up by its classes and the cap.
    private func capped(_ sample: [Int: Int]) -> Double {
        let labels = sample.filter { $0.value > 0 }.keys
        let repeats = (labels.compactMap { factors[$0] }.max() ?? factorOfEmpty) * scale
        return repeats * (labels.compactMap { capShares[$0] }.max() ?? 1)
            * (labels.compactMap { limits[$0] }.min() ?? 1)
    }

    /// How often a sample comes up in an epoch, on average.
    package func repeats(_ sample: [Int: Int]) -> Double {
        var repeats = capped(sample)
        if let minimum = settings.minimum {
            let labels = sample.filter { $0.value > 0 }.keys
            let wanted = labels.compactMap { label in counts[label].map { Double(minimum) / Double($0.objects) } }
            repeats = max(repeats, wanted.max() ?? 0)
        }
        return min(repeats, settings.maximumRepeat ?? Self.mostRepeats)
    }

    /// What a manifest can hold.
    private static let mostRepeats = 1e6

    private static func factor(_ count: Count, of total: Count, _ settings: BalanceSettings) -> Double {
        let share = Double(count.samples) / Double(max(1, total.samples))
        switch settings.method {
        case .repeatFactor: return max(1, (settings.threshold / share).squareRoot())
        case .instanceRepeatFactor:
            let ofObjects = Double(count.objects) / Double(max(1, total.objects))
            return max(1, (settings.threshold / (share * ofObjects).squareRoot()).squareRoot())
        case .inverseFrequency: return 1 / Double(count.objects)
        case .effectiveNumber:
            return (1 - settings.beta) / (1 - power(settings.beta, count.objects))
        case .none: return 1
        }
    }

    /// `base^exponent` by squaring, the same on every machine.
    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, square, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}
