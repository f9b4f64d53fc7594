/// A condition on objects or images, such as `area > 100 and not touches_border and category in ["cell", "nucleus"]`.
///
/// Comparisons (`== != < <= > >=`, `in`, `not in`), `and`, `or`, `not`, arithmetic (`+ - * /`), parentheses; numbers, texts
/// in quotes, `true`, `false`, and the fields of ``ExpressionField``. It runs nothing and knows no loops; its length and
/// depth are bounded.
package struct Expression: Sendable, Hashable, CustomStringConvertible {
    /// What an expression is asked about.
    package enum Scope: Sendable, Hashable {
        case object
        case image
    }

    package let description: String
    private let root: Node

    indirect enum Node: Sendable, Hashable {
        case constant(ExpressionValue)
        case field(ExpressionField)
        case not(Node)
        case negative(Node)
        case binary(Operator, Node, Node)
        case member(Node, of: [ExpressionValue])
    }

    enum Operator: String, Sendable, Hashable, CaseIterable {
        case or
        case and
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divided = "/"
    }

    /// - Parameter scope: whether there is an object to ask.
    /// - Throws: `PipelineError.expression` with the column and what was expected.
    package init(_ text: String, scope: Scope) throws(PipelineError) {
        var parser = try ExpressionParser(text, scope: scope)
        description = text
        root = try parser.condition()
    }

    /// Whether the condition holds.
    ///
    /// - Parameter value: of a field.
    func holds(_ value: (ExpressionField) -> ExpressionValue) -> Bool { Self.value(of: root, value) == .flag(true) }

    private static func value(of node: Node, _ fields: (ExpressionField) -> ExpressionValue) -> ExpressionValue {
        switch node {
        case .constant(let constant): return constant
        case .field(let field): return fields(field)
        case .not(let inner): return .flag(value(of: inner, fields) != .flag(true))
        case .negative(let inner):
            guard case .number(let number) = value(of: inner, fields) else { return .missing }
            return .number(-number)
        case .member(let inner, let list):
            let element = value(of: inner, fields)
            return .flag(element != .missing && list.contains(element))
        case .binary(.and, let a, let b):
            return .flag(value(of: a, fields) == .flag(true) && value(of: b, fields) == .flag(true))
        case .binary(.or, let a, let b):
            return .flag(value(of: a, fields) == .flag(true) || value(of: b, fields) == .flag(true))
        case .binary(let operation, let a, let b):
            return apply(operation, value(of: a, fields), value(of: b, fields))
        }
    }

    private static func apply(_ operation: Operator, _ a: ExpressionValue, _ b: ExpressionValue) -> ExpressionValue {
        switch (operation, a, b) {
        case (.plus, .number(let a), .number(let b)): .number(a + b)
        case (.minus, .number(let a), .number(let b)): .number(a - b)
        case (.times, .number(let a), .number(let b)): .number(a * b)
        // A quotient by 0 is not a number, with which no comparison holds.
        case (.divided, .number(let a), .number(let b)): b == 0 ? .missing : .number(a / b)
        case (.plus, _, _), (.minus, _, _), (.times, _, _), (.divided, _, _): .missing
        case (_, .missing, _), (_, _, .missing): .flag(false)
        case (.equal, _, _): .flag(a == b)
        case (.notEqual, _, _): .flag(a != b)
        case (.less, .number(let a), .number(let b)): .flag(a < b)
        case (.lessOrEqual, .number(let a), .number(let b)): .flag(a <= b)
        case (.greater, .number(let a), .number(let b)): .flag(a > b)
        case (.greaterOrEqual, .number(let a), .number(let b)): .flag(a >= b)
        default: .flag(false)
        }
    }
}
