private import Runtime

/// Reads expressions by recursive descent, and checks that types agree.
struct ExpressionParser {
    private typealias Typed = (node: Expression.Node, type: ExpressionType)

    private let text: String
    private let scope: Expression.Scope
    private let tokens: [ExpressionToken]
    private var index = 0
    private var depth = 0

    private static let maximumLength = 10_000
    private static let maximumDepth = 100

    init(_ text: String, scope: Expression.Scope) throws(PipelineError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw PipelineError(
                .expression, "an expression of \(text.utf8.count) bytes; at most \(Self.maximumLength) are possible")
        }
        self.text = text
        self.scope = scope
        tokens = try ExpressionToken.tokens(of: text)
    }

    /// The whole text as a condition.
    mutating func condition() throws(PipelineError) -> Expression.Node {
        let start = tokens[index]
        let result = try disjunction()
        guard tokens[index].kind == .end else {
            throw failure("\(tokens[index].summary) is one word too many", tokens[index])
        }
        guard result.type == .flag else {
            throw failure("the expression is \(result.type.rawValue), not a condition", start)
        }
        return result.node
    }

    // MARK: Levels, the loosest first

    private mutating func disjunction() throws(PipelineError) -> Typed {
        var left = try conjunction()
        while let token = take(word: "or") {
            let right = try conjunction()
            left = (.binary(.or, try flag(left, token), try flag(right, token)), .flag)
        }
        return left
    }

    private mutating func conjunction() throws(PipelineError) -> Typed {
        var left = try negation()
        while let token = take(word: "and") {
            let right = try negation()
            left = (.binary(.and, try flag(left, token), try flag(right, token)), .flag)
        }
        return left
    }

    private mutating func negation() throws(PipelineError) -> Typed {
        guard let token = take(word: "not") else { return try comparison() }
        return try deeper { parser throws(PipelineError) in
            (.not(try parser.flag(try parser.negation(), token)), .flag)
        }
    }

    private mutating func comparison() throws(PipelineError) -> Typed {
        let left = try sum()
        let token = tokens[index]
        if take(word: "in") != nil { return (.member(left.node, of: try list(left.type)), .flag) }
        if case .word("not") = token.kind, tokens[index + 1].kind == .word("in") {
            index += 2
            return (.not(.member(left.node, of: try list(left.type))), .flag)
        }
        guard case .symbol(let symbol) = token.kind, let operation = Expression.Operator(rawValue: symbol),
            ["==", "!=", "<", "<=", ">", ">="].contains(symbol)
        else { return left }
        index += 1
        let right = try sum()
        guard left.type == right.type else {
            throw failure("\(left.type.rawValue) is compared with \(right.type.rawValue)", token)
        }
        guard left.type == .number || operation == .equal || operation == .notEqual else {
            throw failure("\"\(symbol)\" compares numbers, not \(left.type.rawValue)", token)
        }
        return (.binary(operation, left.node, right.node), .flag)
    }

    private mutating func sum() throws(PipelineError) -> Typed {
        var left = try product()
        while let (operation, token) = takeSymbol([.plus, .minus]) {
            let right = try product()
            left = (.binary(operation, try number(left, token), try number(right, token)), .number)
        }
        return left
    }

    private mutating func product() throws(PipelineError) -> Typed {
        var left = try unary()
        while let (operation, token) = takeSymbol([.times, .divided]) {
            let right = try unary()
            left = (.binary(operation, try number(left, token), try number(right, token)), .number)
        }
        return left
    }

    private mutating func unary() throws(PipelineError) -> Typed {
        guard let (_, token) = takeSymbol([.minus]) else { return try primary() }
        return try deeper { parser throws(PipelineError) in
            (.negative(try parser.number(try parser.unary(), token)), .number)
        }
    }

    private mutating func primary() throws(PipelineError) -> Typed {
        let token = tokens[index]
        switch token.kind {
        case .number(let number):
            index += 1
            return (.constant(.number(number)), .number)
        case .text(let text):
            index += 1
            return (.constant(.text(text)), .text)
        case .word("true"), .word("false"):
            index += 1
            return (.constant(.flag(token.kind == .word("true"))), .flag)
        case .word(let word):
            index += 1
            return try field(word, token)
        case .symbol("("):
            index += 1
            let inner = try deeper { parser throws(PipelineError) in try parser.disjunction() }
            guard tokens[index].kind == .symbol(")") else {
                throw failure("\")\" is missing before \(tokens[index].summary)", tokens[index])
            }
            index += 1
            return inner
        default: throw failure("a value is due, not \(token.summary)", token)
        }
    }

    private func field(_ word: String, _ token: ExpressionToken) throws(PipelineError) -> Typed {
        let fields = ExpressionField.allCases.filter { scope == .object || $0.isOfImage }
        guard let field = ExpressionField(rawValue: word) else {
            let names = fields.map(\.rawValue)
            throw failure(
                "there is no field \"\(word)\"; fields are \(names.joined(separator: ", "))."
                    + NameSuggestion.sentence(for: word, among: names), token)
        }
        guard fields.contains(field) else {
            throw failure("\"\(word)\" is of objects, and this is about images", token)
        }
        return (.field(field), field.type)
    }

    /// `[1, 2]` of values of one type.
    private mutating func list(_ type: ExpressionType) throws(PipelineError) -> [ExpressionValue] {
        guard tokens[index].kind == .symbol("[") else {
            throw failure("a list such as [1, 2] is due, not \(tokens[index].summary)", tokens[index])
        }
        index += 1
        var values: [ExpressionValue] = []
        while true {
            let token = tokens[index]
            let element = try unary()
            guard element.type == type else {
                throw failure("\(element.type.rawValue) in a list for \(type.rawValue)", token)
            }
            switch element.node {
            case .constant(let value): values.append(value)
            case .negative(.constant(.number(let number))): values.append(.number(-number))
            default: throw failure("a list holds values, not fields", token)
            }
            let separator = tokens[index]
            index += 1
            if separator.kind == .symbol("]") { return values }
            guard separator.kind == .symbol(",") else {
                throw failure("\",\" or \"]\" is due, not \(separator.summary)", separator)
            }
        }
    }

    // MARK: Parts

    private mutating func take(word: String) -> ExpressionToken? {
        guard tokens[index].kind == .word(word) else { return nil }
        defer { index += 1 }
        return tokens[index]
    }

    private mutating func takeSymbol(_ operations: [Expression.Operator]) -> (Expression.Operator, ExpressionToken)? {
        guard case .symbol(let symbol) = tokens[index].kind,
            let operation = operations.first(where: { $0.rawValue == symbol })
        else { return nil }
        defer { index += 1 }
        return (operation, tokens[index])
    }

    private mutating func deeper(
        _ body: (inout Self) throws(PipelineError) -> Typed
    ) throws(PipelineError) -> Typed {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("more than \(Self.maximumDepth) levels", tokens[index]) }
        return try body(&self)
    }

    private func flag(_ value: Typed, _ token: ExpressionToken) throws(PipelineError) -> Expression.Node {
        guard value.type == .flag else {
            throw failure("\(token.summary) joins conditions, not \(value.type.rawValue)", token)
        }
        return value.node
    }

    private func number(_ value: Typed, _ token: ExpressionToken) throws(PipelineError) -> Expression.Node {
        guard value.type == .number else {
            throw failure("\(token.summary) reckons with numbers, not \(value.type.rawValue)", token)
        }
        return value.node
    }

    private func failure(_ message: String, _ token: ExpressionToken) -> PipelineError {
        PipelineError(.expression, "\(message) at column \(token.column) of \"\(text)\"")
    }
}
