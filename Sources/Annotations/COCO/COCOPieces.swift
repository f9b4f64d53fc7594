private import Foundation

/// A stretch of a list that one worker reads.
struct COCOPiece: Sendable {
    /// Where its first element starts, or seems to.
    let start: Int
    /// Where the next piece starts.
    let end: Int
    /// Whether an element seems to start at ``start``: not where none was found for long.
    let hasElement: Bool
}

/// Cuts a list into pieces without reading it.
///
/// A piece starts where a brace, comma and brace are followed by the key that the list's first element starts with. That is
/// a guess: the same may stand in a text, or in an object inside an element. So a piece counts only if the one before it
/// ends just there, see ``COCOReader``. A list whose elements start with changing keys has fewer and longer pieces, or
/// pieces without an element.
///
/// `@unchecked Sendable`: the bytes are never written, and stay valid until the scan returns.
struct COCOPieces: IteratorProtocol, @unchecked Sendable {
    private static let longestHead = 64
    /// How far the start of an element is looked for, in sizes of pieces.
    private static let longestSearch = 4

    let size: Int
    private let bytes: UnsafeRawBufferPointer
    /// What an element starts with, from its brace to its first key's closing quote.
    private let head: [UInt8]
    private var start: Int
    private var startsWithElement = true

    /// - Returns: nil when the element at `start` does not start with a brace and a key.
    init?(of list: COCOSection, in bytes: UnsafeRawBufferPointer, from start: Int, size: Int) {
        precondition(size >= 1, "pieces of \(size) bytes")
        guard list != .categories, start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return nil }
        let place = Self.passWhiteSpace(bytes, from: start + 1)
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
        let text = bytes[place + 1..<min(bytes.count, start + Self.longestHead)]
        guard let quote = text.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        head = Array(bytes[start...quote])
        self.bytes = bytes
        self.start = start
        self.size = size
    }

    /// The next piece; the last one goes to the text's end. Nothing is known of where the list ends.
    mutating func next() -> COCOPiece? {
        guard start < bytes.count else { return nil }
        let (end, isElement) = startOfElement(from: min(bytes.count, start + size))
        defer { (start, startsWithElement) = (end, isElement) }
        return COCOPiece(start: start, end: end, hasElement: startsWithElement)
    }

    /// The first place at or after `place` that looks like the start of an element, or the place up to which none does.
    private func startOfElement(from place: Int) -> (place: Int, isElement: Bool) {
        let limit = min(bytes.count, place + Self.longestSearch * size)
        var place = place
        while place < limit, let base = bytes.baseAddress,
            let found = memchr(base + place, Int32(UInt8(ascii: "{")), limit - place)
        {
            place = UnsafeRawPointer(found) - base
            if looksLikeStart(place) { return (place, true) }
            place += 1
        }
        return (limit, false)
    }

    private func looksLikeStart(_ place: Int) -> Bool {
        guard bytes.count - place >= head.count, bytes[place..<place + head.count].elementsEqual(head) else {
            return false
        }
        guard let comma = placeBefore(place), bytes[comma] == UInt8(ascii: ","), let brace = placeBefore(comma) else {
            return false
        }
        return bytes[brace] == UInt8(ascii: "}")
    }

    /// The place of the last byte before `place` that is no white space.
    private func placeBefore(_ place: Int) -> Int? {
        var place = place - 1
        while place >= start {
            guard Self.isWhiteSpace(bytes[place]) else { return place }
            place -= 1
        }
        return nil
    }

    private static func passWhiteSpace(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var place = start
        while place < bytes.count, isWhiteSpace(bytes[place]) { place += 1 }
        return place
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }
}
