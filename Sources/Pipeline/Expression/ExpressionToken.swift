/// One word of an expression.
struct ExpressionToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case number(Double)
        case text(String)
        /// A field, `and`, `or`, `not`, `in`, `true` or `false`.
        case word(String)
        case symbol(String)
        case end
    }

    let kind: Kind
    /// Position in the text, from 1.
    let column: Int

    /// The token as messages show it.
    var summary: String {
        switch kind {
        case .number(let number): "the number \(number)"
        case .text(let text): "the text \"\(text)\""
        case .word(let word): "\"\(word)\""
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "the end"
        }
    }

    /// Cuts a text into tokens, the last of which is the end.
    ///
    /// - Throws: `PipelineError.expression` for a character that has no place in one.
    static func tokens(of text: String) throws(PipelineError) -> [ExpressionToken] {
        let characters = Array(text)
        var tokens: [ExpressionToken] = []
        var index = 0
        func failure(_ message: String) -> PipelineError {
            PipelineError(.expression, "\(message) at column \(index + 1) of \"\(text)\"")
        }
        while index < characters.count {
            let (character, start) = (characters[index], index)
            if character.isWhitespace {
                index += 1
                continue
            }
            if character.isASCII, character.isNumber || character == "." {
                while index < characters.count, isPartOfNumber(characters, at: index, from: start) { index += 1 }
                let literal = String(characters[start..<index])
                guard let number = Double(literal), number.isFinite else {
                    index = start
                    throw failure("\"\(literal)\" is not a number")
                }
                tokens.append(ExpressionToken(kind: .number(number), column: start + 1))
            } else if character.isASCII, character.isLetter || character == "_" {
                while index < characters.count, characters[index].isASCII,
                    characters[index].isLetter || characters[index].isNumber || "_.".contains(characters[index])
                { index += 1 }
                tokens.append(ExpressionToken(kind: .word(String(characters[start..<index])), column: start + 1))
            } else if character == "\"" || character == "'" {
                guard let end = characters[(start + 1)...].firstIndex(of: character) else {
                    throw failure("the text has no closing quote")
                }
                index = end + 1
                tokens.append(ExpressionToken(kind: .text(String(characters[start + 1..<end])), column: start + 1))
            } else {
                let pair = String(characters[start..<min(start + 2, characters.count)])
                let symbol = ["==", "!=", "<=", ">="].contains(pair) ? pair : String(character)
                guard ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ","].contains(symbol)
                else { throw failure(symbol == "=" ? "\"=\" is \"==\" here" : "\"\(symbol)\" has no meaning") }
                index += symbol.count
                tokens.append(ExpressionToken(kind: .symbol(symbol), column: start + 1))
            }
        }
        tokens.append(ExpressionToken(kind: .end, column: characters.count + 1))
        return tokens
    }

    private static func isPartOfNumber(_ characters: [Character], at index: Int, from start: Int) -> Bool {
        let character = characters[index]
        guard character.isASCII else { return false }
        if character.isNumber || character == "." || character == "e" || character == "E" { return true }
        return index > start && "+-".contains(character) && "eE".contains(characters[index - 1])
    }
}
