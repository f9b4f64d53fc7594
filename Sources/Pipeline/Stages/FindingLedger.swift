package import Annotations
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
        let stage: Int?

        init(_ count: FindingCount) {
            (rule, subject, isDrop, stage) = (count.rule, count.subject, count.isDrop, count.stage)
        }
    }

    private struct Entry {
        var count: FindingCount
        var examples: [Finding] = []
    }

    private var entries: [Key: Entry] = [:]
    /// The number, from 1, of the stage that elements are in now; nil outside of all.
    package var stage: Int?

    package init() {}

    /// Notes a finding that left the data as it was, or repaired it.
    package mutating func note(_ finding: Finding) { add(finding, subject: nil, isDrop: false) }

    /// Notes a finding for which something was left out.
    ///
    /// - Parameter subject: what was left out; its id is the finding's.
    package mutating func drop(_ subject: FindingCount.Subject, _ finding: Finding) {
        add(finding, subject: subject, isDrop: true)
    }

    /// Notes an element that a stage was asked to leave out. It is counted and listed like a drop, with the severity of a
    /// note: nothing is wrong with it.
    ///
    /// - Parameters:
    ///   - subject: what was left out; its id is the finding's.
    ///   - original: the id of what it was left out for, such as the image that it repeats.
    package mutating func reject(
        _ subject: FindingCount.Subject, _ rule: String, at location: DataLocation, _ message: String,
        original: String? = nil
    ) {
        add(
            Finding(rule: rule, severity: .note, location: location, message: message), subject: subject, isDrop: true,
            stage: stage, original: original)
    }

    /// Adds what a source of labels reports.
    package mutating func add(_ finding: LabelFinding) {
        if finding.isPartLost { return drop(.file, finding.finding) }
        switch finding.dropped {
        case .images: drop(.image, finding.finding)
        case .annotations: drop(.annotation, finding.finding)
        case .categories: drop(.category, finding.finding)
        case nil: note(finding.finding)
        }
    }

    /// Adds what another ledger holds, after what this one holds.
    package mutating func add(_ other: FindingLedger) {
        for (key, entry) in other.entries { merge(key, entry) }
    }

    /// Adds counts that were kept elsewhere.
    package mutating func add(_ counts: [FindingCount]) {
        for count in counts { merge(Key(count), Entry(count: count)) }
    }

    /// The counts in the order of rule, subject and consequence.
    package var counts: [FindingCount] {
        entries.values.map(\.count).sorted {
            ($0.rule, $0.subject.rawValue, $0.isDrop ? 1 : 0, $0.stage ?? 0)
                < ($1.rule, $1.subject.rawValue, $1.isDrop ? 1 : 0, $1.stage ?? 0)
        }
    }

    /// Some findings of each rule, in the order of ``counts``.
    package var examples: [Finding] {
        counts.flatMap { entries[Key($0)]?.examples ?? [] }
    }

    /// How many of one kind were left out because they are wrong.
    package func dropped(_ subject: FindingCount.Subject) -> Int { counts.dropped(subject) }

    /// The first finding for which something wrong was left out; of several rules, the first by name.
    package var firstDrop: Finding? {
        counts.first { $0.isDrop && !$0.isReject }.flatMap {
            entries[Key($0)]?.examples.first
        }
    }

    private mutating func add(
        _ finding: Finding, subject: FindingCount.Subject?, isDrop: Bool, stage: Int? = nil, original: String? = nil
    ) {
        let subject = subject ?? Self.subject(of: finding.location)
        let id =
            switch subject {
            // What has no id is told by its place in the file.
            case .annotation: finding.location.annotationID ?? finding.location.keyPath
            case .image: finding.location.imageID ?? finding.location.keyPath
            case .category, .file: finding.location.keyPath
            }
        let count = FindingCount(
            rule: finding.rule, severity: finding.severity, subject: subject, count: 1, ids: id.map { [$0] } ?? [],
            isDrop: isDrop, stage: stage, originals: id == nil ? [] : original.map { [$0] } ?? [])
        merge(Key(count), Entry(count: count, examples: [finding]))
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
        sum.count.originals.append(contentsOf: entry.count.originals.prefix(room))
        sum.examples.append(contentsOf: entry.examples.prefix(Self.examplesPerRule - sum.examples.count))
        entries[key] = sum
    }

    private static func subject(of location: DataLocation) -> FindingCount.Subject {
        if location.annotationID != nil { return .annotation }
        if location.imageID != nil { return .image }
        return .file
    }
}

extension FindingCount {
    /// Whether the subjects were left out because a stage was asked to, and not because they are wrong.
    package var isReject: Bool { isDrop && severity == .note }
}

extension [FindingCount] {
    /// How many of one kind were left out because they are wrong.
    package func dropped(_ subject: FindingCount.Subject) -> Int {
        reduce(0) { $0 + ($1.isDrop && !$1.isReject && $1.subject == subject ? $1.count : 0) }
    }

    /// How many of one kind stages have left out.
    package func rejected(_ subject: FindingCount.Subject) -> Int {
        reduce(0) { $0 + ($1.isReject && $1.subject == subject ? $1.count : 0) }
    }

    /// Whether anything was left out because it is wrong.
    package var hasDrops: Bool { contains { $0.isDrop && !$0.isReject } }
}
