internal import Runtime

/// Reads XML 1.0 as label tools write it: elements, attributes, text, CDATA, comments; UTF-8, or ISO 8859-1 where it is
/// declared.
///
/// Document types are refused: labels have none, and entities declared in them can make a small file large or lead to other
/// files. Foundation's parser is not used, as it ends the process at undefined entities and prefixes.
struct XMLReader {
    /// Elements that may be open at once.
    private static let maximumDepth = 64

    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private var offset = 0
    /// The line of a place that was asked for, so that lines are counted once.
    private var counted: (offset: Int, line: Int)
    private var isLatin = false

    init(_ bytes: UnsafeRawBufferPointer, path: String, firstLine: Int) {
        self.bytes = bytes
        self.path = path
        counted = (0, firstLine)
    }

    /// The outermost element.
    ///
    /// - Throws: `AnnotationError.syntax` with the line.
    mutating func document() throws(AnnotationError) -> XMLNode {
        try readEncoding()
        var open: [XMLNode] = []
        while offset < bytes.count {
            guard bytes[offset] == UInt8(ascii: "<") else {
                let text = try readText()
                if open.isEmpty {
                    guard text.allSatisfy(\.isWhitespace) else { throw failure("has text outside of all elements") }
                } else {
                    open[open.count - 1].text += text
                }
                continue
            }
            if starts("<!--") {
                offset = try end(of: "-->", from: offset + 4, "a comment")
            } else if starts("<![CDATA[") {
                let start = offset + 9
                let end = try end(of: "]]>", from: start, "CDATA")
                guard !open.isEmpty else { throw failure("has CDATA outside of all elements") }
                open[open.count - 1].text += try string(start..<end - 3)
                offset = end
            } else if starts("<?") {
                offset = try end(of: "?>", from: offset + 2, "an instruction")
            } else if starts("<!") {
                throw failure("declares a document type or entities, which labels have no use for")
            } else if starts("</") {
                guard var node = open.popLast() else { throw failure("closes an element that is not open") }
                try readEndTag(of: node)
                node.text = Self.trimmed(node.text)
                if open.isEmpty {
                    try finish()
                    return node
                }
                open[open.count - 1].children.append(node)
            } else {
                let (node, isEmpty) = try readStartTag()
                if !isEmpty {
                    guard open.count < Self.maximumDepth else {
                        throw failure("is nested deeper than \(Self.maximumDepth) elements")
                    }
                    open.append(node)
                } else if open.isEmpty {
                    try finish()
                    return node
                } else {
                    open[open.count - 1].children.append(node)
                }
            }
        }
        throw failure(open.isEmpty ? "has no element" : "ends inside the element \"\(open[open.count - 1].name)\"")
    }

    // MARK: Tags

    private mutating func readStartTag() throws(AnnotationError) -> (node: XMLNode, isEmpty: Bool) {
        counted = (offset, line(at: offset))
        let line = counted.line
        offset += 1
        let name = try readName()
        var attributes: [String: String] = [:]
        while true {
            let hasSpace = skipSpace()
            guard offset < bytes.count else { throw failure("ends inside a tag") }
            if bytes[offset] == UInt8(ascii: ">") {
                offset += 1
                return (XMLNode(name: name, attributes: attributes, line: line), false)
            }
            if starts("/>") {
                offset += 2
                return (XMLNode(name: name, attributes: attributes, line: line), true)
            }
            guard hasSpace else { throw failure("has no blank before an attribute") }
            let key = try readName()
            skipSpace()
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "=") else {
                throw failure("has an attribute \"\(key)\" without a value")
            }
            offset += 1
            skipSpace()
            guard offset < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[offset]) else {
                throw failure("has an attribute \"\(key)\" whose value is not in quotes")
            }
            let start = offset + 1
            guard let end = bytes[start...].firstIndex(of: bytes[offset]) else { throw failure("ends inside a value") }
            guard !bytes[start..<end].contains(UInt8(ascii: "<")) else { throw failure("has a \"<\" in a value") }
            let value = try resolved(start..<end)
            guard attributes.updateValue(value, forKey: key) == nil else {
                throw failure("has the attribute \"\(key)\" twice in one element")
            }
            offset = end + 1
        }
    }

    private mutating func readEndTag(of node: XMLNode) throws(AnnotationError) {
        offset += 2
        let name = try readName()
        skipSpace()
        guard name == node.name, offset < bytes.count, bytes[offset] == UInt8(ascii: ">") else {
            throw failure("closes \"\(name)\" where \"\(node.name)\", opened in line \(node.line), is due")
        }
        offset += 1
    }

    private mutating func readName() throws(AnnotationError) -> String {
        let start = offset
        while offset < bytes.count, !Self.isDelimiter(bytes[offset]) { offset += 1 }
        guard offset > start else { throw failure("has no name where one is due") }
        return try string(start..<offset)
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case ...0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "\""),
            UInt8(ascii: "'"), UInt8(ascii: "&"):
            true
        default: false
        }
    }

    /// Nothing but white space, comments and instructions may follow the outermost element.
    private mutating func finish() throws(AnnotationError) {
        while offset < bytes.count {
            skipSpace()
            if offset == bytes.count { return }
            if starts("<!--") {
                offset = try end(of: "-->", from: offset + 4, "a comment")
            } else if starts("<?") {
                offset = try end(of: "?>", from: offset + 2, "an instruction")
            } else {
                throw failure("goes on behind its outermost element")
            }
        }
    }

    // MARK: Text

    private mutating func readText() throws(AnnotationError) -> String {
        let start = offset
        offset = bytes[start...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        return try resolved(start..<offset)
    }

    /// A text with its references replaced.
    private func resolved(_ range: Range<Int>) throws(AnnotationError) -> String {
        var rest = range
        var result = ""
        while let mark = bytes[rest].firstIndex(of: UInt8(ascii: "&")) {
            result += try string(rest.lowerBound..<mark)
            guard let end = bytes[mark..<rest.upperBound].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw failure("has a bare \"&\"")
            }
            let name = try string(mark + 1..<end)
            guard let character = Self.reference(name) else {
                throw failure("has a reference \"&\(name);\" that XML does not define")
            }
            result.unicodeScalars.append(character)
            rest = end + 1..<rest.upperBound
        }
        return result + (try string(rest))
    }

    private static func reference(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
        }
    }

    private func string(_ range: Range<Int>) throws(AnnotationError) -> String {
        if isLatin {
            var text = ""
            for byte in bytes[range] { text.unicodeScalars.append(Unicode.Scalar(byte)) }
            return text
        }
        guard let text = String(validating: bytes[range], as: UTF8.self) else { throw failure("is not UTF-8") }
        return text
    }

    static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    private mutating func readEncoding() throws(AnnotationError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
        guard starts("<?xml") else { return }
        let close = try end(of: "?>", from: offset, "the declaration")
        let declaration = String(decoding: bytes[offset..<close], as: UTF8.self).lowercased()
        guard let mark = declaration.firstRange(of: "encoding") else { return }
        let value = declaration[mark.upperBound...].drop { " =\"'".contains($0) }.prefix { !"\"' ?".contains($0) }
        switch value {
        case "utf-8", "utf8", "us-ascii", "ascii": break
        case "iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252": isLatin = true
        default: throw failure("has the encoding \(value); UTF-8 is wanted")
        }
    }

    // MARK: Steps

    private func starts(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            bytes.count - offset >= wanted.count && bytes[offset..<offset + wanted.count].elementsEqual(wanted)
        }
    }

    /// Behind the next `text`.
    private func end(of text: StaticString, from start: Int, _ what: String) throws(AnnotationError) -> Int {
        let found: Int? = text.withUTF8Buffer { wanted in
            var at = start
            while at <= bytes.count - wanted.count, let next = bytes[at...].firstIndex(of: wanted[0]) {
                if next <= bytes.count - wanted.count, bytes[next..<next + wanted.count].elementsEqual(wanted) {
                    return next + wanted.count
                }
                at = next + 1
            }
            return nil
        }
        guard let found else { throw failure("ends inside \(what)") }
        return found
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = offset
        while offset < bytes.count, bytes[offset] == 0x20 || (0x09...0x0D).contains(bytes[offset]) { offset += 1 }
        return offset > start
    }

    private func line(at place: Int) -> Int {
        counted.line
            + bytes[counted.offset..<min(place, bytes.count)].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }

    private func failure(_ message: String) -> AnnotationError {
        XMLNode.failure(message, path, line(at: offset))
    }
}
