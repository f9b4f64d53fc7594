internal import JSONText
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
            table.add([
                count.rule, count.severity.rawValue, count.subject.rawValue, String(count.count),
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

    var json: JSONValue {
        .array(
            counts.map { count in
                [
                    "rule": .string(count.rule), "severity": .string(count.severity.rawValue),
                    "subject": .string(count.subject.rawValue), "count": .integer(Int64(count.count)),
                    "dropped": .bool(count.isDrop), "ids": .array(count.ids.map { .string($0) }),
                ]
            })
    }
}
