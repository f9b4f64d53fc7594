/// A value in a file of stages, or of an option that stands for a stage.
package indirect enum StageValue: Sendable, Hashable {
    case null
    /// A number, truth value or text as it is written: what it is, the key decides.
    case scalar(String)
    case list([StageValue])
    /// In the file's order, each key once.
    case mapping([Member])

    package struct Member: Sendable, Hashable {
        package let key: String
        package let value: StageValue
        /// Line in the file, from 1.
        package let line: Int?

        package init(_ key: String, _ value: StageValue, line: Int? = nil) {
            self.key = key
            self.value = value
            self.line = line
        }

        /// Where it stands in a file takes no part in comparisons.
        package static func == (a: Member, b: Member) -> Bool { a.key == b.key && a.value == b.value }
        package func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(value)
        }
    }

    /// A mapping of values in their order.
    package static func pairs(_ members: KeyValuePairs<String, StageValue>) -> StageValue {
        .mapping(members.map { Member($0.key, $0.value) })
    }

    /// The value in words, for messages.
    var summary: String {
        switch self {
        case .null: "nothing"
        case .scalar(let text): "\"\(text.count > 80 ? text.prefix(80) + "…" : text)\""
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}
