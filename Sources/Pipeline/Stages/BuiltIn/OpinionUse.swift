internal import Annotations
internal import Runtime

/// How much of a second opinion can be used: what cannot is counted by its reason, and when nothing can, labels must not be
/// judged by it.
struct OpinionUse: Sendable {
    /// Why an object cannot be compared.
    enum Reason: String, Sendable, CaseIterable {
        case unread = "cannot be read"
        case noMask = "have no mask"
        case wrongMask = "have a mask that does not fit the image"
        case unknownCategory = "are of categories that the labels do not have"
    }

    private struct Missed: Sendable {
        var count = 0
        var first: String
    }

    private let path: String
    /// What its objects are called.
    private let noun: String
    private var total = 0
    private var usable = 0
    private var missed: [Reason: Missed] = [:]

    init(path: String, noun: String) {
        self.path = path
        self.noun = noun
    }

    /// Counts an object that can be compared.
    mutating func use() {
        total += 1
        usable += 1
    }

    /// Counts an object of an image that the labels do not have, which is told of elsewhere.
    mutating func pass() { total += 1 }

    /// Counts an object that cannot be compared.
    mutating func miss(_ reason: Reason, _ message: String) {
        total += 1
        missed[reason, default: Missed(first: message)].count += 1
    }

    /// Adds what was counted elsewhere, after what was counted here.
    mutating func add(_ other: OpinionUse) {
        total += other.total
        usable += other.usable
        for (reason, more) in other.missed { missed[reason, default: Missed(first: more.first)].count += more.count }
    }

    /// A finding for each reason.
    ///
    /// - Throws: `PipelineError.comparison` when there is nothing to compare with.
    func findings() throws(PipelineError) -> [Finding] {
        let sentences = Reason.allCases.compactMap { reason in
            missed[reason].map { "\($0.count) of its \(total) \(noun) \(reason.rawValue); the first: \($0.first)" }
        }
        if usable == 0 {
            let why = total == 0 ? "it holds none" : sentences.joined(separator: "; ")
            throw PipelineError(
                .comparison,
                "none of its \(noun) can be compared with the labels, so that all of these would go"
                    + (why.isEmpty ? "" : ": \(why)"), location: DataLocation(path: path))
        }
        return sentences.map {
            Finding(
                rule: QualityStage.unusableRule, severity: .warning, location: DataLocation(path: path), message: $0)
        }
    }
}
