private import Foundation

extension JSONPullParser {
    /// Passes the next value, of which the text is looked at again later.
    ///
    /// An array that holds nothing but lists without texts, such as polygons, is passed from bracket to bracket, and what
    /// stands between them is not checked: at the speed of memory. Any other value is passed as by ``skipValue()``.
    ///
    /// - Returns: the value's bytes, without white space around.
    package mutating func passValue() throws(JSONError) -> Range<Int> {
        let kind = try peekKind()
        let start = offset
        if kind == .array, let place = endOfLists(from: start) {
            offset = place
            justOpened = false
            return start..<place
        }
        return try skipValue()
    }

    /// The place after an array of lists without texts or objects; nil for anything else.
    private func endOfLists(from start: Int) -> Int? {
        var place = start &+ 1
        while true {
            while place < end, Self.isWhiteSpace(base[place]) { place &+= 1 }
            guard place < end, base[place] == UInt8(ascii: "[") else { return nil }
            guard let found = memchr(base + place, 0x5d, end &- place) else { return nil }
            let close = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            let count = close &- place &- 1
            for byte in [UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "{")]
            where memchr(base + place + 1, Int32(byte), count) != nil {
                return nil
            }
            place = close &+ 1
            while place < end, Self.isWhiteSpace(base[place]) { place &+= 1 }
            guard place < end else { return nil }
            if base[place] == UInt8(ascii: "]") { return place &+ 1 }
            guard base[place] == UInt8(ascii: ",") else { return nil }
            place &+= 1
        }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }
}
