private import Foundation

extension JSONPullParser {
    /// The next value, a string.
    ///
    /// Half of a surrogate pair, which an escape can spell and UTF-8 cannot, becomes U+FFFD and sets
    /// ``sawLoneSurrogate``.
    package mutating func readString() throws(JSONError) -> String { name(of: try readStringToken()) }

    /// The next value, a string, as the bytes of its UTF-8 text.
    package mutating func readStringBytes() throws(JSONError) -> [UInt8] {
        bytes(of: try readStringToken())
    }

    /// The bytes of the UTF-8 text of a key or string token.
    package mutating func bytes(of key: JSONKey) -> [UInt8] {
        key.isPlain ? Array(raw(key.range)) : unescaped(key.range)
    }

    /// The next value, a string, not yet decoded.
    package mutating func readStringToken() throws(JSONError) -> JSONKey {
        skipWhiteSpace()
        guard offset < end, base[offset] == UInt8(ascii: "\"") else { throw failure(expecting: "a string") }
        return try scanString()
    }

    /// The text of a key or string token.
    package mutating func name(of key: JSONKey) -> String {
        key.isPlain
            ? String(decoding: raw(key.range), as: UTF8.self) : String(decoding: unescaped(key.range), as: UTF8.self)
    }

    /// Passes the string at the cursor, checking escapes and encoding.
    mutating func scanString() throws(JSONError) -> JSONKey {
        let start = offset &+ 1
        var index = start
        var isPlain = true
        while true {
            index = skipPlain(from: index)
            guard index < end else {
                offset = end
                throw failure(expecting: "the closing quote of a string")
            }
            let byte = base[index]
            switch byte {
            case UInt8(ascii: "\""):
                offset = index &+ 1
                justOpened = false
                return JSONKey(range: start..<index, isPlain: isPlain)
            case UInt8(ascii: "\\"):
                isPlain = false
                index = try scanEscape(at: index)
            case ..<0x20:
                offset = index
                throw error(
                    .syntax, at: index,
                    "a string holds the control character 0x\(String(byte, radix: 16)); it must be written as an escape"
                )
            default:
                index = try scanMultibyte(at: index)
            }
        }
    }

    /// The first byte at or after `start` that is a quote, a backslash, a control character or not ASCII.
    @inline(__always) private func skipPlain(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index &+ 8 <= end {
            let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self).littleEndian
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5c)
            // A byte's test may be wrong only above a byte for which the same test is right, so the lowest is right.
            let found =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word)
                & highs
            if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < end, base[index] != 0x22, base[index] != 0x5c, (0x20..<0x80).contains(base[index]) { index &+= 1 }
        return index
    }

    /// Checks the escape at `start`; returns the place after it.
    private mutating func scanEscape(at start: Int) throws(JSONError) -> Int {
        guard start &+ 1 < end else {
            offset = end
            throw failure(expecting: "the rest of an escape in a string")
        }
        switch base[start &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u"):
            for index in start &+ 2..<start &+ 6 {
                guard index < end else {
                    offset = end
                    throw failure(expecting: "four hexadecimal digits after \\u")
                }
                guard Self.hexadecimal(base[index]) != nil else {
                    offset = index
                    throw failure(expecting: "four hexadecimal digits after \\u")
                }
            }
            return start &+ 6
        default:
            offset = start &+ 1
            throw failure(expecting: "one of \" \\ / b f n r t u after a backslash")
        }
    }

    /// Checks the UTF-8 sequence at `start` (RFC 3629: shortest form, no surrogates); returns the place after it.
    private mutating func scanMultibyte(at start: Int) throws(JSONError) -> Int {
        let lead = base[start]
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xc2...0xdf: (2, 0x80...0xbf)
            case 0xe0: (3, 0xa0...0xbf)
            case 0xe1...0xec, 0xee...0xef: (3, 0x80...0xbf)
            case 0xed: (3, 0x80...0x9f)
            case 0xf0: (4, 0x90...0xbf)
            case 0xf1...0xf3: (4, 0x80...0xbf)
            case 0xf4: (4, 0x80...0x8f)
            default: (0, 0x80...0xbf)
            }
        guard length > 0 else { throw badEncoding(at: start) }
        for index in 1..<length {
            guard start &+ index < end else {
                offset = end
                throw failure(expecting: "the rest of a UTF-8 character")
            }
            guard (index == 1 ? second : 0x80...0xbf).contains(base[start &+ index]) else {
                throw badEncoding(at: start)
            }
        }
        return start &+ length
    }

    /// The text of a checked string that holds escapes.
    private mutating func unescaped(_ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            // The text up to the next escape as it stands.
            let rest = range.upperBound - index
            let escape = memchr(base + index, Int32(UInt8(ascii: "\\")), rest).map {
                UnsafeRawPointer($0) - UnsafeRawPointer(base)
            }
            text.append(
                contentsOf: UnsafeBufferPointer(start: base + index, count: (escape ?? range.upperBound) - index))
            guard let escape else { break }
            index = escape
            let letter = base[index &+ 1]
            index &+= 2
            switch letter {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0c)
            case UInt8(ascii: "n"): text.append(0x0a)
            case UInt8(ascii: "r"): text.append(0x0d)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                let (scalar, next) = unicodeEscape(at: index, before: range.upperBound)
                index = next
                text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            default: text.append(letter)
            }
        }
        return text
    }

    /// The character of the escape whose four digits start at `start`, and the place after it; takes two escapes when
    /// they are a surrogate pair.
    private mutating func unicodeEscape(at start: Int, before limit: Int) -> (Unicode.Scalar, Int) {
        let unit = codeUnit(at: start)
        if let scalar = Unicode.Scalar(unit) { return (scalar, start &+ 4) }
        if unit < 0xdc00, start &+ 10 <= limit, base[start &+ 4] == UInt8(ascii: "\\"),
            base[start &+ 5] == UInt8(ascii: "u")
        {
            let low = codeUnit(at: start &+ 6)
            if (0xdc00..<0xe000).contains(low),
                let scalar = Unicode.Scalar(0x1_0000 + (unit - 0xd800) << 10 + (low - 0xdc00))
            {
                return (scalar, start &+ 10)
            }
        }
        sawLoneSurrogate = true
        return ("\u{FFFD}", start &+ 4)
    }

    private func codeUnit(at start: Int) -> UInt32 {
        (start..<start &+ 4).reduce(0) { $0 << 4 | UInt32(Self.hexadecimal(base[$1]) ?? 0) }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
