/// An id as COCO files have it: mostly an integer, but also `3.0`, `"img_7"`, or more than 64 bits.
///
/// Ids are the same when Python's `json` would take them for the same key: `3` and `3.0` are, `3` and `"3"` are not.
/// Written again, each keeps its spelling.
package enum COCOIdentifier: Sendable, CustomStringConvertible {
    case integer(Int64)
    case text(String)
    /// The text of a number that is no 64-bit integer as it stands, such as `908400416500.0`.
    case number(String)

    /// The id that was kept as text: a number where it would be written the same, so that `"007"` stays a text.
    package init(keptAs text: String) {
        self = Int64(text).flatMap { String($0) == text ? .integer($0) : nil } ?? .text(text)
    }

    /// The id as written, without quotes.
    package var description: String {
        switch self {
        case .integer(let value): String(value)
        case .text(let text), .number(let text): text
        }
    }

    /// The value as a 64-bit integer, where it is one: also of `3.0`, not of `"3"`.
    package var int64: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let text): Double(text).flatMap { Int64(exactly: $0) }
        case .text: nil
        }
    }

    private var isIntegerText: Bool { !description.utf8.contains { [UInt8(ascii: "."), 0x45, 0x65].contains($0) } }

    /// The value as a float; nil for a text.
    private var magnitude: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let text): Double(text)
        case .text: nil
        }
    }
}

extension COCOIdentifier: Hashable {
    package static func == (a: COCOIdentifier, b: COCOIdentifier) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): return a == b
        // Byte by byte: `String` takes two spellings of one accented letter for equal.
        case (.text(let a), .text(let b)): return a.utf8.elementsEqual(b.utf8)
        case (.text, _), (_, .text): return false
        default: break
        }
        switch (a.int64, b.int64) {
        case (let a?, let b?): return a == b
        case (nil, nil):
            // Integers beyond 64 bits are told apart where floats are not.
            return a.isIntegerText && b.isIntegerText ? a.description == b.description : a.magnitude == b.magnitude
        default: return false
        }
    }

    package func hash(into hasher: inout Hasher) {
        if let int64 {
            hasher.combine(int64)
        } else if case .text(let text) = self {
            hasher.combine(text)
        } else {
            hasher.combine(magnitude)
        }
    }
}

extension COCOIdentifier: Comparable {
    /// Numbers by value before texts in byte order: an order that every machine sees the same.
    package static func < (a: COCOIdentifier, b: COCOIdentifier) -> Bool {
        switch (a, b) {
        case (.text(let a), .text(let b)): return a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.text, _): return false
        case (_, .text): return true
        default:
            if let a = a.int64, let b = b.int64 { return a < b }
            return (a.magnitude ?? .infinity) < (b.magnitude ?? .infinity)
        }
    }
}

extension COCOIdentifier: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
}
