/// A small JSON document as a tree; data sets are streamed with ``JSONPullParser`` instead.
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number written without point and exponent that fits 64 bits, kept exactly.
    case integer(Int64)
    /// Any other number; always finite when it was read from a text.
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Members in the order of the text.
    case object([JSONMember])

    /// The value of the member called `name`, when this is an object that has one.
    package subscript(name: String) -> JSONValue? { object?.first { $0.name == name }?.value }

    /// The element at `index`, when this is an array that long.
    package subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The value as an integer: also of a number with an integral value, such as `3.0`.
    package var int: Int? { int64.flatMap { Int(exactly: $0) } }

    /// The value as a 64-bit integer: also of a number with an integral value, such as `3.0`.
    package var int64: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The value as a float; integers beyond 2⁵³ are rounded.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var array: [JSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    package var object: [JSONMember]? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    package var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .integer, .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// An object from a list of pairs, in their order.
    package static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { JSONMember($0.key, $0.value) })
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
    package init(nilLiteral: ()) { self = .null }
}
