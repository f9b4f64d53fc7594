/// A piece of a page: well-formed as XML, too, with everything that came from data escaped.
package struct HTML: Sendable, Hashable {
    /// The piece as it goes into the page.
    package let source: String

    private init(source: String) { self.source = source }

    /// Text, escaped; characters that a page may not hold are shown as U+FFFD.
    package static func text(_ text: String) -> HTML { HTML(source: escaped(text)) }

    /// Pieces one after the other.
    package static func joined(_ pieces: [HTML]) -> HTML { HTML(source: pieces.map(\.source).joined()) }

    /// A style sheet of our own; it may hold no `<` or `&`.
    package static func style(_ sheet: StaticString) -> HTML { HTML(source: "<style>\(sheet)</style>") }

    /// An element.
    ///
    /// - Parameters:
    ///   - name: of the element, from the program alone.
    ///   - attributes: names from the program alone; values are escaped.
    ///   - content: empty for an element without content, which is closed at once where HTML has it so.
    package static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [HTML] = []
    ) -> HTML {
        let start = attributes.reduce("<" + name) { $0 + " \($1.key)=\"\(escaped($1.value))\"" }
        if content.isEmpty && closedAtOnce.contains(name) { return HTML(source: start + "/>") }
        return HTML(source: "\(start)>\(content.map(\.source).joined())</\(name)>")
    }

    /// An element with text alone.
    package static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String
    ) -> HTML { element(name, attributes, [.text(text)]) }

    /// Void elements of HTML, and shapes of SVG.
    private static let closedAtOnce: Set = ["meta", "img", "br", "line", "path", "circle", "rect"]

    /// Text between tags or in an attribute: the five characters of XML are named, and what XML forbids is replaced.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Overrides of the direction of writing would let a name change how the text around it reads.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result += "\u{FFFD}"
            case "\n", "\t", "\u{20}"..."\u{7E}", "\u{A0}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                result.unicodeScalars.append(scalar)
            default: result += "\u{FFFD}"
            }
        }
        return result
    }
}
