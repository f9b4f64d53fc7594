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
        case .list(let items): "a list of \(items.count)"
        case .pairs(let pairs): "a mapping of \(pairs.count)"
        }
    }
}
