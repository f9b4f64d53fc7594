extension JSONPullParser {
    /// The next value, a number.
    package mutating func readNumber() throws(JSONError) -> JSONNumber {
        skipWhiteSpace()
        guard offset < end, startsNumber(base[offset]) else { throw failure(expecting: "a number") }
        return try scanNumber()
    }

    /// Whether a value that begins with this byte is a number.
    @inline(__always) func startsNumber(_ byte: UInt8) -> Bool {
        Self.isDigit(byte) || byte == UInt8(ascii: "-")
            || acceptsNonFinite && (byte == UInt8(ascii: "N") || byte == UInt8(ascii: "I"))
    }

    @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Reads the number at the cursor.
    mutating func scanNumber() throws(JSONError) -> JSONNumber {
        let start = offset
        let isNegative = base[start] == UInt8(ascii: "-")
        if acceptsNonFinite, let number = try nonFinite(at: isNegative ? start &+ 1 : start, isNegative: isNegative) {
            return number
        }
        let digits = Digits(of: self, from: isNegative ? start &+ 1 : start)
        guard digits.integerCount > 0 else {
            offset = digits.end
            throw failure(expecting: "a digit after '-'")
        }
        let first = isNegative ? start &+ 1 : start
        if digits.integerCount > 1, base[first] == UInt8(ascii: "0") {
            throw error(.syntax, at: start, "a number starts with a superfluous zero")
        }
        guard !digits.hasPoint || digits.fractionCount > 0 else {
            offset = digits.end
            throw failure(expecting: "a digit after the decimal point")
        }
        var index = digits.end
        var exponent = 0
        var isInteger = !digits.hasPoint
        if index < end, base[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            (index, exponent) = try scanExponent(at: index &+ 1)
        }
        offset = index
        justOpened = false
        let range = start..<index
        if digits.isExact {
            if isInteger, let integer = Self.integer(digits.mantissa, isNegative: isNegative) {
                let magnitude = Double(digits.mantissa)
                return JSONNumber(
                    value: isNegative ? -magnitude : magnitude, integer: integer, isIntegerText: true, range: range)
            }
            if let magnitude = DecimalConversion.double(
                mantissa: digits.mantissa, exponent: exponent &- digits.fractionCount)
            {
                return JSONNumber(
                    value: isNegative ? -magnitude : magnitude, integer: nil, isIntegerText: isInteger, range: range)
            }
        }
        let value = Double(String(decoding: raw(range), as: UTF8.self))
        guard let value else { preconditionFailure("the library refuses a number that the grammar allows") }
        return JSONNumber(value: value, integer: nil, isIntegerText: isInteger, range: range)
    }

    /// The number when `NaN` or `Infinity` stands at `first`, after the sign.
    private mutating func nonFinite(at first: Int, isNegative: Bool) throws(JSONError) -> JSONNumber? {
        guard first < end, base[first] == UInt8(ascii: "I") || base[first] == UInt8(ascii: "N") && !isNegative else {
            return nil
        }
        let start = offset
        let isNaN = base[first] == UInt8(ascii: "N")
        offset = first
        try expectWord(isNaN ? "NaN" : "Infinity", "a number")
        firstNonFinite = firstNonFinite ?? start
        let value = isNaN ? Double.nan : isNegative ? -Double.infinity : .infinity
        return JSONNumber(value: value, integer: nil, isIntegerText: false, range: start..<offset)
    }

    private static func integer(_ mantissa: UInt64, isNegative: Bool) -> Int64? {
        if !isNegative { return Int64(exactly: mantissa) }
        return mantissa <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- mantissa) : nil
    }

    /// Reads the exponent that starts at `start`, after the `e`; beyond ±99 999 it is cut to that, as the result is
    /// zero or infinite anyhow.
    private mutating func scanExponent(at start: Int) throws(JSONError) -> (end: Int, exponent: Int) {
        var index = start
        var isNegative = false
        if index < end, base[index] == UInt8(ascii: "-") || base[index] == UInt8(ascii: "+") {
            isNegative = base[index] == UInt8(ascii: "-")
            index &+= 1
        }
        guard index < end, Self.isDigit(base[index]) else {
            offset = index
            throw failure(expecting: "a digit in a number's exponent")
        }
        var exponent = 0
        while index < end, Self.isDigit(base[index]) {
            exponent = min(99_999, exponent * 10 + Int(base[index] - UInt8(ascii: "0")))
            index &+= 1
        }
        return (index, isNegative ? -exponent : exponent)
    }

    /// The digits of a number before its exponent.
    private struct Digits {
        /// The digits as one integer; meaningless unless ``isExact``.
        var mantissa: UInt64 = 0
        var integerCount = 0
        var fractionCount = 0
        var hasPoint = false
        /// Place after the last digit or the point.
        var end: Int
        /// At most 19 digits, so that ``mantissa`` holds them all.
        var isExact: Bool { integerCount &+ fractionCount <= 19 }

        @inline(__always) init(of parser: JSONPullParser, from start: Int) {
            let base = parser.base
            var index = start
            while index < parser.end, JSONPullParser.isDigit(base[index]) {
                mantissa = mantissa &* 10 &+ UInt64(base[index] &- UInt8(ascii: "0"))
                index &+= 1
            }
            integerCount = index &- start
            if index < parser.end, base[index] == UInt8(ascii: ".") {
                hasPoint = true
                index &+= 1
                let point = index
                while index &+ 8 <= parser.end {
                    let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self).littleEndian
                    let values = word ^ 0x3030_3030_3030_3030
                    guard EightDigits.others(in: values) == 0 else { break }
                    mantissa = mantissa &* 100_000_000 &+ EightDigits.value(of: values)
                    index &+= 8
                }
                while index < parser.end, JSONPullParser.isDigit(base[index]) {
                    mantissa = mantissa &* 10 &+ UInt64(base[index] &- UInt8(ascii: "0"))
                    index &+= 1
                }
                fractionCount = index &- point
            }
            end = index
        }
    }
}
