/// A value of a configuration key as it was written, before its type is known.
package enum ConfigurationValue: Sendable, Hashable {
    /// Nothing: the key's default.
    case null
    /// A word or number.
    case text(String)
    /// Several words.
    case list([String])
    /// `name: value` pairs, in the order in which they were written.
    case pairs([Pair])

    /// A name and its value.
    package struct Pair: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The value in a few words, for messages.
    var summary: String {
        switch self {
        case .null: "nothing"
        case .text(let text): "'\(text)'"
        case .list(let items): "[\(items.prefix(8).joined(separator: ", "))\(items.count > 8 ? ", ..." : "")]"
        case .pairs(let pairs):
            "{\(pairs.prefix(8).map { "\($0.name): \($0.value)" }.joined(separator: ", "))\(pairs.count > 8 ? ", ..." : "")}"
        }
    }
}
