private import Runtime

extension JSONPullParser {
    /// The error for what stands at the cursor, where something else is wanted.
    @inline(never)
    mutating func failure(expecting expected: String) -> JSONError {
        let place = location(at: offset)
        if offset >= end {
            let what = end == 0 ? "the text is empty" : "the text ends after \(end) bytes"
            let nesting = depth == 0 ? "" : " with \(depth) open \(depth == 1 ? "bracket" : "brackets")"
            return JSONError(.truncated, at: place, "\(what)\(nesting); expected \(expected)")
        }
        if offset == 0, let encoding = foreignEncoding {
            return JSONError(.encoding, at: place, "the text is \(encoding); JSON is written in UTF-8")
        }
        return JSONError(.syntax, at: place, "expected \(expected), found \(foundText)\(hint)")
    }

    /// The error for a container that would be nested too deep.
    @inline(never)
    mutating func tooDeep() -> JSONError {
        JSONError(.depth, at: location(at: offset), "more than \(maximumDepth) brackets are open at once")
    }

    /// The error for a byte that no UTF-8 text has at this place.
    @inline(never)
    mutating func badEncoding(at place: Int) -> JSONError {
        let byte = String(base[place], radix: 16, uppercase: true)
        return JSONError(
            .encoding, at: location(at: place), "byte 0x\(byte) is not UTF-8 here; the text must be saved as UTF-8")
    }

    /// An error about the text at `place`.
    @inline(never)
    package mutating func error(_ code: JSONError.Code, at place: Int, _ message: String) -> JSONError {
        JSONError(code, at: location(at: place), message)
    }

    private var foreignEncoding: String? {
        switch (end > 0 ? base[0] : 0, end > 1 ? base[1] : 0) {
        case (0xff, 0xfe): "UTF-16 or UTF-32 (little endian)"
        case (0xfe, 0xff): "UTF-16 (big endian)"
        case (0, _): "UTF-16 or UTF-32 (big endian), or binary"
        case (0x1f, 0x8b): "gzip-compressed"
        case (0x50, 0x4b): "a zip archive"
        default: nil
        }
    }

    /// The word or character at the cursor, shortened.
    private var foundText: String {
        let byte = base[offset]
        var word: [UInt8] = []
        while word.count < 16, offset + word.count < end, Self.isWord(base[offset + word.count]) {
            word.append(base[offset + word.count])
        }
        if word.count > 1 { return "'\(String(decoding: word, as: UTF8.self))'" }
        guard (0x21...0x7e).contains(byte) else {
            return "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return byte == UInt8(ascii: "'") ? "a single quote" : "'\(String(decoding: [byte], as: UTF8.self))'"
    }

    private var hint: String {
        switch foundText {
        case "'NaN'", "'nan'", "'Infinity'", "'-Infinity'", "'inf'", "'-inf'":
            " (JSON has no such number; write null or leave the key out)"
        case "'None'", "'True'", "'False'", "'u'": " (this looks like Python's notation; write it with json.dump)"
        case "a single quote": " (JSON strings stand in double quotes)"
        case "'/'", "'#'": " (JSON has no comments)"
        default: ""
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
