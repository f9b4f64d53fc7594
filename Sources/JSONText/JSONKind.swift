/// The type of a JSON value.
package enum JSONKind: String, Sendable, Hashable {
    case object
    case array
    case string
    case number
    case bool
    case null

    /// `an object`, `a number`: for messages.
    package var withArticle: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .null: "null"
        case .bool: "true or false"
        case .string, .number: "a \(rawValue)"
        }
    }
}
