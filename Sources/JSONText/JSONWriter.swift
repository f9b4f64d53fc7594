package import Runtime

/// Writes JSON text piece by piece: the same calls give the same bytes.
///
/// Strings are written as UTF-8 with the escapes that JSON demands and no others; floats are the shortest that read
/// back as the same number. A caller that writes much drains the buffer with `flush(to:above:)`.
package struct JSONWriter: Sendable {
    /// How a container's children are laid out.
    package enum Layout: Sendable, Hashable {
        /// No white space.
        case compact
        /// One child a line, without indentation; what is below is compact.
        case lines
        /// One child a line, indented by two blanks a level.
        case indented
    }

    private struct Container {
        var layout: Layout
        var isObject: Bool
        var isEmpty = true
    }

    /// The text so far that was not yet flushed.
    package private(set) var bytes: [UInt8] = []
    private let layout: Layout
    private var open: [Container] = []
    private var isAfterKey = false

    /// - Parameter layout: of the outermost container, and of each one below that is not given its own.
    package init(layout: Layout = .compact) { self.layout = layout }

    /// The text so far that was not yet flushed, as a string.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Containers

    /// - Parameter layout: of this object's members; without it that of the container around (compact below `lines`).
    package mutating func beginObject(layout: Layout? = nil) {
        begin(UInt8(ascii: "{"), isObject: true, layout: layout)
    }

    package mutating func endObject() { end(UInt8(ascii: "}"), isObject: true) }

    /// - Parameter layout: of this array's elements; without it that of the container around (compact below `lines`).
    package mutating func beginArray(layout: Layout? = nil) {
        begin(UInt8(ascii: "["), isObject: false, layout: layout)
    }

    package mutating func endArray() { end(UInt8(ascii: "]"), isObject: false) }

    /// The key of an object's next member; its value must follow.
    package mutating func key(_ name: String) {
        precondition(open.last?.isObject == true && !isAfterKey, "key \(name) outside an object")
        separate()
        quoted(name)
        colon()
    }

    /// The key of an object's next member, as its text stands between the quotes, escapes included.
    package mutating func rawKey(_ text: [UInt8]) {
        precondition(open.last?.isObject == true && !isAfterKey, "key outside an object")
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
        colon()
    }

    // MARK: Values

    package mutating func string(_ value: String) {
        startValue()
        quoted(value)
    }

    package mutating func integer(_ value: some BinaryInteger) {
        startValue()
        if let value = Int64(exactly: value) {
            NumberText.append(value, to: &bytes)
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
    }

    /// A float: the shortest text that reads back as the same number, an integral value with `.0`.
    ///
    /// JSON has no NaN and no infinity; they become `null`.
    package mutating func number(_ value: Double) {
        startValue()
        if value.isFinite {
            NumberText.append(value, to: &bytes)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
    }

    /// A float whose integral values are written without `.0`, as far as they are exact.
    package mutating func plainNumber(_ value: Double) {
        guard let integer = Int64(exactly: value), integer.magnitude < 1 << 53, value.sign == .plus || integer != 0
        else {
            number(value)
            return
        }
        self.integer(integer)
    }

    package mutating func bool(_ value: Bool) {
        startValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        startValue()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A value as text that is JSON already.
    package mutating func raw(_ text: some Collection<UInt8>) {
        startValue()
        bytes.append(contentsOf: text)
    }

    /// A whole tree.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                key(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    // MARK: Output

    /// Hands the text so far to `file`, when there is more than `threshold` bytes of it.
    ///
    /// - Throws: `FileError.write`.
    package mutating func flush(to file: AtomicFileWriter, above threshold: Int = 0) throws(FileError) {
        guard bytes.count > threshold else { return }
        try file.write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Ends the document with a newline.
    package mutating func finish() {
        precondition(open.isEmpty, "\(open.count) containers are still open")
        bytes.append(UInt8(ascii: "\n"))
    }

    // MARK: Parts

    private mutating func begin(_ bracket: UInt8, isObject: Bool, layout: Layout?) {
        startValue()
        bytes.append(bracket)
        let inherited = open.last.map { $0.layout == .lines ? .compact : $0.layout } ?? self.layout
        open.append(Container(layout: layout ?? inherited, isObject: isObject))
    }

    private mutating func end(_ bracket: UInt8, isObject: Bool) {
        guard let container = open.popLast(), container.isObject == isObject, !isAfterKey else {
            preconditionFailure("a container is closed that is not open")
        }
        if !container.isEmpty { breakLine(container.layout, level: open.count) }
        bytes.append(bracket)
    }

    private mutating func startValue() {
        if isAfterKey {
            isAfterKey = false
        } else {
            precondition(open.last?.isObject != true, "a member's value without its key")
            separate()
        }
    }

    private mutating func separate() {
        guard let container = open.last else { return }
        if !container.isEmpty { bytes.append(UInt8(ascii: ",")) }
        open[open.count - 1].isEmpty = false
        breakLine(container.layout, level: open.count)
    }

    private mutating func breakLine(_ layout: Layout, level: Int) {
        guard layout != .compact else { return }
        bytes.append(UInt8(ascii: "\n"))
        if layout == .indented { bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level)) }
    }

    private mutating func colon() {
        bytes.append(UInt8(ascii: ":"))
        if open.last?.layout == .indented { bytes.append(UInt8(ascii: " ")) }
        isAfterKey = true
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case ..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
