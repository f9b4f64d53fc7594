import Foundation

/// As much of Markdown as it takes to find commands, targets and links in README.md.
struct MarkdownText {
    /// A fenced block.
    struct Block: Equatable {
        /// The opening fence's line, from 1.
        let line: Int
        /// The word behind the opening fence; empty without one.
        let language: String
        var lines: [String] = []
        var isClosed = false
    }

    private(set) var blocks: [Block] = []
    /// The text outside of fenced blocks.
    private(set) var prose = ""

    init(_ text: String) {
        var open: Block?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let isFence = line.hasPrefix("```")
            if var block = open {
                if isFence {
                    block.isClosed = true
                    blocks.append(block)
                    open = nil
                } else {
                    block.lines.append(String(line))
                    open = block
                }
            } else if isFence {
                open = Block(line: index + 1, language: line.dropFirst(3).trimmingCharacters(in: .whitespaces))
            } else {
                prose += line + "\n"
            }
        }
        if let open { blocks.append(open) }
    }

    /// Targets of `make` that the text names in code: in spans, and in lines of blocks.
    var makeTargets: Set<String> {
        let spans = prose.matches(of: /`([^`]+)`/).map { String($0.output.1) }
        let lines = blocks.flatMap(\.lines).map { $0.hasPrefix("$ ") ? String($0.dropFirst(2)) : $0 }
        var targets: Set<String> = []
        for code in spans + lines {
            let words = code.split(whereSeparator: \.isWhitespace)
            guard words.first == "make" else { continue }
            // What follows a comment, a variable or a separator is no target.
            for word in words.dropFirst().prefix(while: { !["#", "&&", ";", "|"].contains($0) })
            where !word.contains("=") && !word.hasPrefix("-") {
                targets.insert(String(word))
            }
        }
        return targets
    }

    /// Paths that links and pictures lead to, addresses on the web and places in the text itself left out.
    var relativeLinks: [String] {
        let plain = prose.replacing(/`[^`]*`/, with: "")
        let inline = plain.matches(of: /\]\(\s*<?([^)\s>]+)/).map { String($0.output.1) }
        let definitions = plain.matches(of: /(?m)^\[[^\]]+\]:\s*<?([^\s>]+)/).map { String($0.output.1) }
        let tags = plain.matches(of: /(?:src|href)="([^"]+)"/).map { String($0.output.1) }
        return (inline + definitions + tags).compactMap { link in
            guard link.firstMatch(of: /^([a-zA-Z][a-zA-Z0-9+.-]*:|#|\/\/)/) == nil else { return nil }
            let path = link.prefix { $0 != "#" && $0 != "?" }
            return path.removingPercentEncoding ?? String(path)
        }
    }
}
