import Foundation

/// What a command is expected to print, with room for what differs from machine to machine.
///
/// - `…` is any text on its line; alone on a line it is any number of lines, none included.
/// - A number with a decimal point is any number with as many decimals.
/// - Several blanks are any number of blanks, as columns move with their widest number; so do the rules below headings.
///
/// Everything else is what it says.
struct ExpectedOutput: Equatable, Sendable {
    let lines: [String]

    /// - Parameter lines: blanks at their ends and empty lines at the end do not matter.
    init(lines: [String]) { self.lines = Self.trimmed(lines) }

    func matches(_ text: String) -> Bool {
        Self.matches(
            lines[...],
            Self.trimmed(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))[...])
    }

    private static func trimmed(_ lines: [String]) -> [String] {
        var lines = lines.map { line in String(line.reversed().drop(while: \.isWhitespace).reversed()) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func matches(_ expected: ArraySlice<String>, _ actual: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return actual.isEmpty }
        let rest = expected.dropFirst()
        if first.trimmingCharacters(in: .whitespaces) == "…" {
            return (actual.startIndex...actual.endIndex).contains { matches(rest, actual[$0...]) }
        }
        guard let line = actual.first, matches(line: first, line) else { return false }
        return matches(rest, actual.dropFirst())
    }

    private static func matches(line expected: String, _ actual: String) -> Bool {
        actual.range(of: "^" + pattern(of: expected) + "$", options: .regularExpression) != nil
    }

    private static func pattern(of line: String) -> String {
        if line.contains("--"), line.allSatisfy({ $0 == "-" || $0 == " " }) { return "[- ]+" }
        var pattern = ""
        var rest = line[...]
        // Words with their points, so that a version or a file's name is not taken for a number.
        while let match = rest.firstMatch(of: /…|\ {2,}|[\w.]+/) {
            pattern += escaped(rest[..<match.range.lowerBound])
            let part = match.output
            if part == "…" {
                pattern += ".*"
            } else if part.first == " " {
                // The first column is set to the right where it holds numbers.
                pattern += match.range.lowerBound == line.startIndex ? " *" : " +"
            } else if let number = part.wholeMatch(of: /\d+\.(\d+)([A-Za-z]*\.?)/) {
                pattern += "\\d+\\.\\d{\(number.output.1.count)}" + escaped(number.output.2)
            } else {
                pattern += escaped(part)
            }
            rest = rest[match.range.upperBound...]
        }
        return pattern + escaped(rest)
    }

    private static func escaped(_ text: Substring) -> String { NSRegularExpression.escapedPattern(for: String(text)) }
}
