package import Annotations

/// Says of each sample how often it is to come up in an epoch, so that rare classes are seen more often.
package struct BalanceStage: ConfiguredStage {
    package static let name = "balance"
    package static let keys = ["method", "threshold", "beta", "max-repeat", "cap", "minimum"]

    package let settings: BalanceSettings
    private var factors: ClassFactors?
    private var indexes: [COCOIdentifier: Int] = [:]

    package init(_ settings: BalanceSettings) { self.settings = settings }

    package init(_ settings: StageSettings) throws {
        var balance = BalanceSettings()
        balance.method = try settings.choice("method") ?? balance.method
        balance.threshold = try settings.number("threshold", in: 1e-9...1) ?? balance.threshold
        balance.beta = try settings.number("beta", in: 0...0.9999999) ?? balance.beta
        let methods: [(key: String, methods: [BalanceSettings.Method])] = [
            ("threshold", [.repeatFactor, .instanceRepeatFactor]), ("beta", [.effectiveNumber]),
        ]
        for (key, methods) in methods where settings.has(key) && !methods.contains(balance.method) {
            throw settings.failure(
                "\(key) is of \(methods.map(\.rawValue).joined(separator: " and ")); \(balance.method.rawValue) has none",
                key: key)
        }
        balance.maximumRepeat = try settings.number("max-repeat", in: 1...1e6)
        balance.cap = try settings.integer("cap", in: 1...1_000_000_000)
        balance.minimum = try settings.integer("minimum", in: 1...1_000_000_000)
        self.init(balance)
    }

    package var summary: String {
        var parts = [settings.method.rawValue]
        switch settings.method {
        case .repeatFactor, .instanceRepeatFactor: parts.append("threshold \(settings.threshold)")
        case .effectiveNumber: parts.append("beta \(settings.beta)")
        case .inverseFrequency, .none: break
        }
        if let most = settings.maximumRepeat { parts.append("at most \(most) times") }
        if let cap = settings.cap { parts.append("capped at \(cap) objects a class") }
        if let minimum = settings.minimum { parts.append("at least \(minimum) objects a class") }
        return parts.joined(separator: ", ")
    }

    package func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage {
        var ready = self
        ready.indexes = Dictionary(
            categories.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let indexes = ready.indexes
        let rows = try survey.rows { Self.classes(of: $0, indexes) }
        ready.factors = ClassFactors(rows.flatMap { $0 }, settings: settings)
        return ready
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        guard let factors else { preconditionFailure("balance was not prepared") }
        var sample = sample
        sample.repeats *= factors.repeats(Self.classes(of: sample, indexes))
        return [sample]
    }

    private static func classes(of sample: StagedSample, _ indexes: [COCOIdentifier: Int]) -> [Int: Int] {
        var classes: [Int: Int] = [:]
        for object in sample.objects {
            if let index = indexes[object.annotation.categoryID] { classes[index, default: 0] += 1 }
        }
        return classes
    }
}
