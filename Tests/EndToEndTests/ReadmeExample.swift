import Foundation

/// One command of README.md's console blocks, and what it says that the command prints.
///
/// A block starts with three backticks and `console`. In it, a line `$ …` is a command, continued where it ends with a
/// backslash; the lines up to the next `$` are its stdout. A last line `[exit 65]` is its exit status, 0 without one.
struct ReadmeExample: Equatable, Sendable {
    /// The command's line in the file, from 1.
    let line: Int
    /// As a shell takes it, continuation lines included.
    let command: String
    let expected: ExpectedOutput
    let status: Int32

    /// What is wrong with a block, and on which line.
    struct SyntaxError: Error, Equatable, CustomStringConvertible {
        let line: Int
        let message: String

        var description: String { "README.md:\(line): \(message)" }
    }

    /// Whether the command is samdata itself, to be run.
    var isSamdata: Bool { program == "samdata" }
    /// Whether the command is a target of the Makefile, which the tests of the targets try.
    var isMake: Bool { program == "make" }

    private var program: Substring? { command.split(whereSeparator: \.isWhitespace).first }

    /// The examples of a Markdown text in its order.
    static func parse(_ markdown: String) throws(SyntaxError) -> [ReadmeExample] {
        var examples: [ReadmeExample] = []
        for block in MarkdownText(markdown).blocks where block.language == "console" {
            guard block.isClosed else {
                throw SyntaxError(line: block.line, message: "the console block has no end")
            }
            examples += try commands(in: block)
        }
        return examples
    }

    private static func commands(in block: MarkdownText.Block) throws(SyntaxError) -> [ReadmeExample] {
        var examples: [ReadmeExample] = []
        var rest = block.lines[...]
        func number() -> Int { block.line + 1 + rest.startIndex }
        while let first = rest.first {
            guard first.hasPrefix("$ ") else {
                if first.allSatisfy(\.isWhitespace) {
                    rest.removeFirst()
                    continue
                }
                throw SyntaxError(line: number(), message: "output before the first command: \(first)")
            }
            let line = number()
            var command = String(rest.removeFirst().dropFirst(2))
            while command.hasSuffix("\\") {
                guard let next = rest.popFirst() else {
                    throw SyntaxError(line: line, message: "the command's continuation is missing")
                }
                command += "\n" + next
            }
            var output = Array(rest.prefix { !$0.hasPrefix("$ ") })
            rest = rest.dropFirst(output.count)
            let status = exitStatus(&output)
            examples.append(
                ReadmeExample(line: line, command: command, expected: ExpectedOutput(lines: output), status: status))
        }
        return examples
    }

    /// Takes the last line off where it is `[exit N]`.
    private static func exitStatus(_ lines: inout [String]) -> Int32 {
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        guard let last = lines.last, last.hasPrefix("[exit "), last.hasSuffix("]"),
            let status = Int32(last.dropFirst(6).dropLast())
        else { return 0 }
        lines.removeLast()
        return status
    }
}
