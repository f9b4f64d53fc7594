package import Runtime
package import Shards

/// What was found wrong and what was dropped, by rule: counts always, the ids of everything dropped, some examples.
package struct FindingLedger: Sendable {
    /// Ids kept of a rule that dropped nothing.
    private static let idsOfNotes = 100
    /// Findings kept of a rule, to be shown.
    private static let examplesPerRule = 20

    private struct Key: Hashable {
        let rule: String
        let subject: FindingCount.Subject
        let isDrop: Bool
    }

    private struct Entry {
        var count: FindingCount
        var examples: [Finding] = []
    }

    private var entries: [Key: Entry] = [:]

    package init() {}

    /// Notes a finding that left the data as it was, or repaired it.
    package mutating func note(_ finding: Finding) { add(finding, subject: nil, isDrop: false) }

    /// Notes a finding for which something was left out.
    ///
    /// - Parameter subject: what was left out; its id is the finding's.
    package mutating func drop(_ subject: FindingCount.Subject, _ finding: Finding) {
        add(finding, subject: subject, isDrop: true)
    }

    /// Adds what another ledger holds, after what this one holds.
    package mutating func add(_ other: FindingLedger) {
        for (key, entry) in other.entries { merge(key, entry) }
    }

    /// Adds counts that were kept elsewhere.
    package mutating func add(_ counts: [FindingCount]) {
        for count in counts {
            merge(Key(rule: count.rule, subject: count.subject, isDrop: count.isDrop), Entry(count: count))
        }
    }

    /// The counts in the order of rule, subject and consequence.
    package var counts: [FindingCount] {
        entries.values.map(\.count).sorted {
            ($0.rule, $0.subject.rawValue, $0.isDrop ? 1 : 0) < ($1.rule, $1.subject.rawValue, $1.isDrop ? 1 : 0)
        }
    }

    /// Some findings of each rule, in the order of ``counts``.
    package var examples: [Finding] {
        counts.flatMap { entries[Key(rule: $0.rule, subject: $0.subject, isDrop: $0.isDrop)]?.examples ?? [] }
    }

    /// How many of one kind were left out.
    package func dropped(_ subject: FindingCount.Subject) -> Int {
        entries.reduce(0) { $0 + ($1.key.isDrop && $1.key.subject == subject ? $1.value.count.count : 0) }
    }

    /// The first finding for which something was left out; of several rules, the first by name.
    package var firstDrop: Finding? {
        counts.first { $0.isDrop }.flatMap {
            entries[Key(rule: $0.rule, subject: $0.subject, isDrop: true)]?.examples.first
        }
    }

    private mutating func add(_ finding: Finding, subject: FindingCount.Subject?, isDrop: Bool) {
        let subject = subject ?? Self.subject(of: finding.location)
        let id =
            switch subject {
            case .annotation: finding.location.annotationID
            case .image: finding.location.imageID
            case .category, .file: finding.location.keyPath
            }
        merge(
            Key(rule: finding.rule, subject: subject, isDrop: isDrop),
            Entry(
                count: FindingCount(
                    rule: finding.rule, severity: finding.severity, subject: subject, count: 1,
                    ids: id.map { [$0] } ?? [], isDrop: isDrop),
                examples: [finding]))
    }

    private mutating func merge(_ key: Key, _ entry: Entry) {
        guard var sum = entries.removeValue(forKey: key) else {
            entries[key] = entry
            return
        }
        sum.count.count += entry.count.count
        sum.count.severity = max(sum.count.severity, entry.count.severity)
        let room = key.isDrop ? Int.max : max(0, Self.idsOfNotes - sum.count.ids.count)
        sum.count.ids.append(contentsOf: entry.count.ids.prefix(room))
        sum.examples.append(contentsOf: entry.examples.prefix(Self.examplesPerRule - sum.examples.count))
        entries[key] = sum
    }

    private static func subject(of location: DataLocation) -> FindingCount.Subject {
        if location.annotationID != nil { return .annotation }
        if location.imageID != nil { return .image }
        return .file
    }
}
