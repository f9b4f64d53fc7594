private import Foundation
private import Runtime

/// A `label_map.pbtxt`: `item { id: 1 name: 'cat' display_name: "Cat" }`, protobuf's text form of numbers and names.
struct TensorFlowLabelMap {
    /// Names by id, in the file's order.
    private(set) var entries: [(id: Int64, name: String)] = []

    private static let maximumBytes = 16 << 20

    /// - Throws: `FileError`.
    init(path: String) throws {
        let bytes = try FileSystem.read(path)
        let text = String(decoding: bytes.prefix(Self.maximumBytes), as: UTF8.self)
        for item in text.components(separatedBy: "item").dropFirst() {
            guard let id = Self.value("id", in: item).flatMap({ Int64($0) }) else { continue }
            let name = Self.value("display_name", in: item) ?? Self.value("name", in: item) ?? ""
            entries.append((id, name))
        }
    }

    /// The value behind `key:`, without its quotes.
    private static func value(_ key: String, in item: String) -> String? {
        var rest = item[...]
        while let range = rest.range(of: key) {
            let before = range.lowerBound == item.startIndex ? " " : item[item.index(before: range.lowerBound)]
            let after = rest[range.upperBound...].drop { $0 == " " }
            guard !before.isLetter, before != "_", after.first == ":" else {
                rest = rest[range.upperBound...]
                continue
            }
            let value = after.dropFirst().drop { $0.isWhitespace }
            guard let quote = value.first, quote == "'" || quote == "\"" else {
                return String(value.prefix { !$0.isWhitespace && $0 != "}" && $0 != "," })
            }
            var text = ""
            var isEscaped = false
            for character in value.dropFirst() {
                if isEscaped {
                    text.append(character == "n" ? "\n" : character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == quote {
                    return text
                } else {
                    text.append(character)
                }
            }
            return text
        }
        return nil
    }

    /// An item's text.
    static func item(id: Int64, name: String) -> String {
        let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return "item {\n  id: \(id)\n  name: \"\(escaped)\"\n}\n"
    }
}
