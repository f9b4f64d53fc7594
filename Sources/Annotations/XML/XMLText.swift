/// Writes XML: text and attribute values with what must be escaped.
enum XMLText {
    /// A text with U+FFFD in place of characters that XML 1.0 has no way to write.
    static func writable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isWritable =
                scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                || ["\n", "\t", "\r"].contains(scalar)
            result.unicodeScalars.append(isWritable ? scalar : "\u{FFFD}")
        }
        return result
    }

    /// A text as it stands between tags or double quotes, made writable.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in writable(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t", "\r": result += "&#\(scalar.value);"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `<name>text</name>`.
    static func element(_ name: String, _ text: String) -> String { "<\(name)>\(escaped(text))</\(name)>" }
}
