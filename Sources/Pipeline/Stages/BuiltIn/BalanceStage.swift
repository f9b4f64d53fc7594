package import Annotations

/// Says of each sample how often it is to come up in an epoch, so that rare classes are seen more often.
///
/// Of a split, each part that is trained on is balanced by itself, and the others are left as they are: what is measured on
/// them would change (``SplitRule/trainedParts``).
package struct BalanceStage: ConfiguredStage {
    package static let name = "balance"
    package static let keys = ["method", "threshold", "beta", "max-repeat", "cap", "minimum"]

    package let settings: BalanceSettings
    /// The classes of every sample that comes in, by the source's images; empty once it is known which parts they are in.
    private var rows: [[[Int: Int]]] = []
    /// By part; nil for one whose samples come up once. There is one part before samples are dealt to parts.
    private var factors: [ClassFactors?] = []
    /// By the source's images; empty before samples are dealt to parts.
    private var parts: [Int] = []
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

    package var needsTrainedParts: Bool { true }

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
        ready.rows = try survey.rows { Self.classes(of: $0, indexes) }
        ready.factors = [ClassFactors(ready.rows.flatMap { $0 }, settings: settings)]
        return ready
    }

    /// The stage for samples that are in parts; it has to be ready.
    ///
    /// - Parameters:
    ///   - parts: for each of the source's images the number of its part; empty where there is no split.
    ///   - trained: numbers of the parts that are balanced.
    func dealt(to parts: [Int], trained: Set<Int>) -> BalanceStage {
        var dealt = self
        dealt.rows = []
        if parts.isEmpty { return dealt }
        var members = [[[Int: Int]]](repeating: [], count: (parts.max() ?? 0) + 1)
        for (part, samples) in zip(parts, rows) { members[part] += samples }
        dealt.factors = members.enumerated().map { part, samples in
            trained.contains(part) ? ClassFactors(samples, settings: settings) : nil
        }
        dealt.parts = parts
        return dealt
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        precondition(!factors.isEmpty, "balance was not prepared")
        guard let factors = factors[parts.isEmpty ? 0 : parts[sample.sourceIndex]] else { return [sample] }
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
