private import Foundation

/// A mask of compressed run lengths as Python's `json` writes it, its places found without a parser:
/// `{"size": [480, 640], "counts": "..."}`, with or without the blanks.
///
/// For text that has been read before, and was found to be JSON: what is not exactly of this form is left to the parser.
struct PlainMaskText {
    let height: Int
    let width: Int
    /// The characters of the run lengths, in which nothing is escaped.
    let counts: UnsafeRawBufferPointer

    /// - Parameter place: of the mask in `bytes`, without blanks around it.
    init?(_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) {
        guard let base = bytes.baseAddress, place.count > Self.tail.utf8CodeUnitCount else { return nil }
        var cursor = Cursor(text: base + place.lowerBound, end: place.count)
        guard cursor.passes(UInt8(ascii: "{")), cursor.passes("\"size\""), cursor.passes(UInt8(ascii: ":")),
            cursor.passes(UInt8(ascii: "[")),
            let height = cursor.number(), cursor.passes(UInt8(ascii: ",")), let width = cursor.number(),
            cursor.passes(UInt8(ascii: "]")),
            cursor.passes(UInt8(ascii: ",")), cursor.passes("\"counts\""), cursor.passes(UInt8(ascii: ":")),
            cursor.passes(UInt8(ascii: "\""))
        else { return nil }
        let end = place.count - Self.tail.utf8CodeUnitCount
        guard cursor.offset <= end, memcmp(cursor.text + end, Self.tail.utf8Start, Self.tail.utf8CodeUnitCount) == 0
        else { return nil }
        let counts = UnsafeRawBufferPointer(start: cursor.text + cursor.offset, count: end - cursor.offset)
        // A quote would end the text before, a backslash stand for another character.
        for byte in [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
        where memchr(cursor.text + cursor.offset, Int32(byte), counts.count) != nil {
            return nil
        }
        self.height = height
        self.width = width
        self.counts = counts
    }

    private static let tail: StaticString = "\"}"

    private struct Cursor {
        let text: UnsafeRawPointer
        let end: Int
        var offset = 0

        /// Passes a key and the blank behind it; stays where it is before any other.
        mutating func passes(_ word: StaticString) -> Bool {
            let count = word.utf8CodeUnitCount
            guard end - offset > count, memcmp(text + offset, word.utf8Start, count) == 0 else { return false }
            offset += count
            passBlank()
            return true
        }

        /// Passes one character and the blank behind it; stays where it is before any other.
        mutating func passes(_ character: UInt8) -> Bool {
            guard end - offset > 1, text.load(fromByteOffset: offset, as: UInt8.self) == character else { return false }
            offset += 1
            // No blank belongs to what follows a quote that opens a text.
            if character != UInt8(ascii: "\"") { passBlank() }
            return true
        }

        /// Passes a whole number of up to nine digits, and the blank behind it.
        mutating func number() -> Int? {
            var value = 0
            let start = offset
            while offset < end, offset - start < 9 {
                let digit = text.load(fromByteOffset: offset, as: UInt8.self) &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                value = 10 * value + Int(digit)
                offset += 1
            }
            let isPlain = text.load(fromByteOffset: start, as: UInt8.self) != UInt8(ascii: "0") || offset == start + 1
            guard offset > start, isPlain else { return nil }
            passBlank()
            return value
        }

        private mutating func passBlank() {
            if offset < end, text.load(fromByteOffset: offset, as: UInt8.self) == UInt8(ascii: " ") { offset += 1 }
        }
    }
}
