package import Runtime

/// Reads JSON text from front to back, one token at a time, and builds no tree.
///
/// The grammar is that of RFC 8259 with nothing added: no comments, no trailing commas, no NaN, no single quotes, UTF-8
/// only; a byte order mark at the start is skipped and reported. One deviation can be asked for, see
/// ``init(_:path:maximumDepth:acceptsNonFinite:)``. Every failure names the byte, the line, what was
/// expected and what was found. The caller follows the shape of the document:
///
///     var parser = JSONPullParser(bytes)
///     try parser.beginObject()
///     while let key = try parser.nextKey() {
///         if parser.name(of: key) == "width" { width = try parser.readNumber() } else { try parser.skipValue() }
///     }
///     try parser.finish()
///
/// The bytes must stay valid while the parser is in use. Memory is constant: nothing is allocated but what is returned.
package struct JSONPullParser {
    /// Nesting that any reader of ours accepts unless told otherwise.
    package static let defaultDepth = 128

    /// The whole text.
    package let bytes: UnsafeRawBufferPointer
    /// The text's file, for messages.
    package let path: String?
    /// Whether the text starts with a UTF-8 byte order mark, which RFC 8259 forbids to write and allows to skip.
    package let hasByteOrderMark: Bool
    /// Whether a string read so far held half of a surrogate pair as an escape; it was read as U+FFFD.
    package internal(set) var sawLoneSurrogate = false
    /// Where the first `NaN` or `Infinity` read so far starts.
    package internal(set) var firstNonFinite: Int?
    let acceptsNonFinite: Bool

    /// Where the next token, or the white space before it, starts.
    package internal(set) var offset: Int
    /// Containers open around the cursor.
    package internal(set) var depth = 0
    let maximumDepth: Int
    let base: UnsafePointer<UInt8>
    /// Where the text ends, or the part of it that may be read.
    private(set) var end: Int
    /// Whether the last token opened a container, so that no comma is due before the next one.
    var justOpened = false
    /// Bytes from a comma to the next number in the number arrays of this text, see ``DelimitedNumbers``.
    var commaStep = 1
    private var lastCounted = TextPosition(byteOffset: 0, line: 1)

    /// An address for texts without one; never read, as such a text has no bytes.
    nonisolated(unsafe) private static let nowhere = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

    /// - Parameters:
    ///   - bytes: the whole text; must stay valid while the parser is in use.
    ///   - path: the text's file, for messages.
    ///   - maximumDepth: containers that may be open at once, at most 128.
    ///   - acceptsNonFinite: take `NaN`, `Infinity` and `-Infinity`, which are not JSON but which Python writes unless
    ///     told otherwise, for numbers; ``firstNonFinite`` then tells.
    package init(
        _ bytes: UnsafeRawBufferPointer, path: String? = nil, maximumDepth: Int = Self.defaultDepth,
        acceptsNonFinite: Bool = false
    ) {
        precondition((1...128).contains(maximumDepth), "maximum depth must be within 1...128, not \(maximumDepth)")
        self.bytes = bytes
        self.path = path
        self.maximumDepth = maximumDepth
        self.acceptsNonFinite = acceptsNonFinite
        base = bytes.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? UnsafePointer(Self.nowhere)
        end = bytes.count
        hasByteOrderMark = bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
        offset = hasByteOrderMark ? 3 : 0
    }

    // MARK: Structure

    /// The type of the next value, whose first byte the cursor is then at.
    package mutating func peekKind() throws(JSONError) -> JSONKind {
        skipWhiteSpace()
        guard offset < end else { throw failure(expecting: "a value") }
        switch base[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            guard acceptsNonFinite else { throw failure(expecting: "a value") }
            return .number
        default: throw failure(expecting: "a value")
        }
    }

    /// Enters an object.
    package mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{"), "an object ('{')") }

    /// Enters an array.
    package mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "["), "an array ('[')") }

    /// The key of the next member, the cursor then before its value; nil at the object's end, which is passed.
    package mutating func nextKey() throws(JSONError) -> JSONKey? {
        guard try advance(closing: UInt8(ascii: "}"), "',' or '}' after a member") else { return nil }
        guard offset < end, base[offset] == UInt8(ascii: "\"") else {
            throw failure(expecting: "a key in double quotes")
        }
        let key = try scanString()
        skipWhiteSpace()
        guard offset < end, base[offset] == UInt8(ascii: ":") else { throw failure(expecting: "':' after a key") }
        offset &+= 1
        return key
    }

    /// Whether the array has another element, the cursor then before it; at its end, which is passed, false.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try advance(closing: UInt8(ascii: "]"), "',' or ']' after an element")
    }

    /// Demands that nothing but white space follows.
    package mutating func finish() throws(JSONError) {
        skipWhiteSpace()
        guard offset == end else { throw failure(expecting: "nothing after the document's end") }
    }

    private mutating func open(_ bracket: UInt8, _ name: String) throws(JSONError) {
        skipWhiteSpace()
        guard offset < end, base[offset] == bracket else { throw failure(expecting: name) }
        guard depth < maximumDepth else { throw tooDeep() }
        depth &+= 1
        offset &+= 1
        justOpened = true
    }

    private mutating func advance(closing bracket: UInt8, _ expected: String) throws(JSONError) -> Bool {
        skipWhiteSpace()
        guard offset < end else { throw failure(expecting: justOpened ? expected.suffix(after: "or ") : expected) }
        let byte = base[offset]
        if byte == bracket {
            precondition(depth > 0, "the end of a container that was not entered")
            depth &-= 1
            offset &+= 1
            justOpened = false
            return false
        }
        if justOpened {
            justOpened = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw failure(expecting: expected) }
        offset &+= 1
        skipWhiteSpace()
        if offset < end, base[offset] == bracket {
            throw failure(expecting: "another \(bracket == UInt8(ascii: "}") ? "key" : "value") after ','")
        }
        return true
    }

    // MARK: Scalars

    /// - Throws: also when the value is no boolean.
    package mutating func readBool() throws(JSONError) -> Bool {
        skipWhiteSpace()
        guard offset < end else { throw failure(expecting: "true or false") }
        let value = base[offset] == UInt8(ascii: "t")
        try expectWord(value ? "true" : "false", "true or false")
        return value
    }

    /// - Throws: also when the value is not null.
    package mutating func readNull() throws(JSONError) {
        skipWhiteSpace()
        try expectWord("null", "null")
    }

    mutating func expectWord(_ word: StaticString, _ expected: String) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        for index in 0..<count {
            guard offset &+ index < end else {
                offset = end
                throw failure(expecting: expected)
            }
            guard base[offset &+ index] == word.utf8Start[index] else { throw failure(expecting: expected) }
        }
        offset &+= count
        justOpened = false
    }

    @inline(__always) mutating func skipWhiteSpace() {
        while offset < end {
            let byte = base[offset]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            offset &+= 1
        }
    }

    /// Whether a string read since the last call held half of a surrogate pair; see ``sawLoneSurrogate``.
    package mutating func takeLoneSurrogate() -> Bool {
        defer { sawLoneSurrogate = false }
        return sawLoneSurrogate
    }

    /// The place of the first `NaN` or `Infinity` read since the last call.
    package mutating func takeNonFinite() -> Int? {
        defer { firstNonFinite = nil }
        return firstNonFinite
    }

    // MARK: Positions

    /// A place to return to.
    package struct Mark: Sendable {
        package let offset: Int
        let depth: Int
        let justOpened: Bool

        /// The same for another place inside the same container, where a value starts.
        package func moved(to offset: Int) -> Mark { Mark(offset: offset, depth: depth, justOpened: false) }
    }

    /// The cursor's place.
    package var mark: Mark { Mark(offset: offset, depth: depth, justOpened: justOpened) }

    /// Goes to a place inside containers that were not entered by this parser, where a value starts; what was read before
    /// is forgotten.
    ///
    /// - Parameters:
    ///   - offset: where the value starts.
    ///   - depth: containers open around it.
    ///   - line: of the place.
    ///   - end: where the text is taken to end; nil for its own end.
    package mutating func enter(at offset: Int, depth: Int, line: Int, end: Int? = nil) {
        precondition((0...bytes.count).contains(offset), "offset \(offset) of \(bytes.count) bytes")
        self.offset = offset
        self.end = min(end ?? bytes.count, bytes.count)
        self.depth = depth
        justOpened = false
        sawLoneSurrogate = false
        firstNonFinite = nil
        lastCounted = TextPosition(byteOffset: offset, line: line)
    }

    /// Goes back to a place, to read again what follows it.
    package mutating func rewind(to mark: Mark) {
        offset = mark.offset
        depth = mark.depth
        justOpened = mark.justOpened
    }

    /// The bytes of a range, such as ``skipValue()`` returns.
    package func raw(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// Offset and line of a place; cheap when it is near the last one that was asked for.
    package mutating func position(at offset: Int) -> TextPosition {
        let start = min(lastCounted.byteOffset, end)
        let stop = min(offset, end)
        let feeds =
            start <= stop
            ? ByteCount.of(0x0a, in: base + start, count: stop - start)
            : -ByteCount.of(0x0a, in: base + stop, count: start - stop)
        lastCounted = TextPosition(byteOffset: offset, line: lastCounted.line + feeds)
        return lastCounted
    }

    /// Takes the lines from the place counted last up to `offset` for counted.
    ///
    /// - Parameters:
    ///   - feeds: line feeds in between.
    ///   - start: where they were counted from; no use is made of them when that is another place.
    mutating func countLines(upTo offset: Int, from start: Int, feeds: Int) {
        guard lastCounted.byteOffset == start else { return }
        lastCounted = TextPosition(byteOffset: offset, line: lastCounted.line + feeds)
    }

    /// A place as a location for messages.
    package mutating func location(at offset: Int) -> DataLocation {
        let position = position(at: offset)
        return DataLocation(path: path, byteOffset: position.byteOffset, line: position.line)
    }
}

extension String {
    /// What follows the first occurrence of `mark`, or the whole text.
    fileprivate func suffix(after mark: String) -> String {
        guard let range = firstRange(of: mark) else { return self }
        return String(self[range.upperBound...])
    }
}
