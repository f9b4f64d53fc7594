/// Ids that look the same and are not: `"1"` and 1.
extension COCOIdentifier {
    /// The id that is written as this one and is of the other type; nil for a text that is no number.
    package var ofOtherType: COCOIdentifier? {
        switch self {
        case .text(let text): Int64(text).map { .integer($0) }
        case .integer(let value): .text(String(value))
        case .number(let text): .text(text)
        }
    }

    /// What to say after ` 1` of an id that is not known, where it is as the other type; else nothing.
    ///
    /// - Parameters:
    ///   - kind: what has the id, such as `image`.
    ///   - isKnown: whether something has an id.
    package func typeHint(_ kind: String, isKnown: (COCOIdentifier) -> Bool) -> String {
        guard let other = ofOtherType, isKnown(other) else { return "" }
        if case .text = self { return " as text; its \(kind) \(other) is a number" }
        return " as a number; its \(kind) \"\(other)\" is text"
    }
}
