internal import JSONText
private import Pipeline
private import Runtime
internal import Shards

/// What was found while shards were made, rule by rule, for people and for programs.
struct FindingCountTable {
    /// Ids shown of each rule; the JSON form has all that are known.
    private static let shownIDs = 4

    let counts: [FindingCount]

    var text: String {
        var table = TextTable([
            ("rule", .left), ("severity", .left), ("about", .left), ("count", .right), ("effect", .left),
            ("ids", .left),
        ])
        for count in counts {
            var ids = Self.first(Self.shownIDs, of: count.ids).joined(separator: ", ")
            if count.count > Self.shownIDs && !count.ids.isEmpty { ids += ", …" }
            // Of two stages with one rule, each is named by its number.
            let isShared =
                counts.count { ($0.rule, $0.subject, $0.isDrop) == (count.rule, count.subject, count.isDrop) } > 1
            let stage = isShared ? count.stage.map { ", stage \($0)" } ?? "" : ""
            table.add([
                count.rule + stage, count.severity.rawValue, count.subject.rawValue, String(count.count),
                count.isDrop ? "dropped" : "kept", ids,
            ])
        }
        return table.render()
    }

    /// The first ids in the order that people expect: numbers by their value, then names.
    private static func first(_ count: Int, of ids: [String]) -> [String] {
        let keyed = ids.map { (number: Int64($0) ?? .max, id: $0) }
        return keyed.sorted { ($0.number, $0.id) < ($1.number, $1.id) }.prefix(count).map(\.id)
    }

    var json: JSONValue { .array(counts.map(\.json)) }
}
