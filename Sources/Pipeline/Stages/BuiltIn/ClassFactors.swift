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
    }

    /// How often a sample comes up in an epoch, on average.
    package func repeats(_ sample: [Int: Int]) -> Double {
        let labels = sample.filter { $0.value > 0 }.keys
        var repeats = (labels.compactMap { factors[$0] }.max() ?? factorOfEmpty) * scale
        if let cap = settings.cap {
            let shares = labels.compactMap { label in counts[label].map { min(1, Double(cap) / Double($0.objects)) } }
            repeats *= shares.max() ?? 1
        }
        if let minimum = settings.minimum {
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
