private import Foundation

extension JSONPullParser {
    /// The next value, when it is an array of nothing but numbers; else nil, the cursor then still before the value.
    ///
    /// This is the hot path of reading polygons: about one number in ten nanoseconds.
    package mutating func readNumberArray() throws(JSONError) -> JSONNumberArray? {
        skipWhiteSpace()
        guard offset < end, base[offset] == UInt8(ascii: "[") else { return nil }
        guard depth < maximumDepth else { throw tooDeep() }
        let start = offset
        // A list of lists is seen at once, without looking for its end.
        offset &+= 1
        skipWhiteSpace()
        let isNested = offset < end && (base[offset] == UInt8(ascii: "[") || base[offset] == UInt8(ascii: "{"))
        offset = start
        if isNested { return nil }
        // No number holds a bracket: what lies before the next one has one number more than commas, or it is no array
        // of numbers, or the text is malformed; in no case are there more numbers.
        guard let bracket = memchr(base + start, 0x5d, end &- start) else { return nil }
        let close = start &+ (UnsafeRawPointer(bracket) - UnsafeRawPointer(base + start))
        var commas = 0
        for index in start..<close where base[index] == UInt8(ascii: ",") { commas &+= 1 }
        var scan = NumberScan(offset: start &+ 1)
        var failed: JSONError?
        let values = [Double](unsafeUninitializedCapacity: commas &+ 1) { buffer, count in
            do throws(JSONError) {
                count = try scanNumbers(into: buffer, &scan)
            } catch {
                failed = error
            }
        }
        if let failed { throw failed }
        guard scan.isComplete else {
            offset = start
            return nil
        }
        offset = scan.offset
        justOpened = false
        return JSONNumberArray(
            values: values, hasPlainIntegers: scan.hasPlainIntegers, hasDecimalIntegers: scan.hasDecimalIntegers,
            hasNonFinite: scan.hasNonFinite, range: start..<offset)
    }

    /// For each number of an array that was read: whether it is written with point or exponent.
    ///
    /// - Parameter range: the array's bytes, as ``JSONNumberArray/range`` has them.
    package func numbersWithPoint(in range: Range<Int>) -> [Bool] {
        var flags: [Bool] = []
        var hasPoint = false
        // The text was checked when it was read: commas end numbers, and an empty array was no reason to ask.
        for index in range.dropFirst() {
            switch base[index] {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): hasPoint = true
            case UInt8(ascii: ","), UInt8(ascii: "]"):
                flags.append(hasPoint)
                hasPoint = false
            default: break
            }
        }
        return flags
    }

    private struct NumberScan {
        var offset: Int
        var hasPlainIntegers = false
        var hasDecimalIntegers = false
        var hasNonFinite = false
        /// Whether the closing bracket was passed; otherwise something stood there that is no number.
        var isComplete = false
    }

    /// Reads numbers up to and with the closing bracket; returns how many.
    private mutating func scanNumbers(
        into buffer: UnsafeMutableBufferPointer<Double>, _ scan: inout NumberScan
    ) throws(JSONError) -> Int {
        offset = scan.offset
        skipWhiteSpace()
        var count = 0
        var hasPlain = false
        var hasDecimal = false
        defer {
            scan.offset = offset
            scan.hasPlainIntegers = hasPlain
            scan.hasDecimalIntegers = hasDecimal
        }
        if offset < end, base[offset] == UInt8(ascii: "]") {
            offset &+= 1
            scan.isComplete = true
            return 0
        }
        while true {
            guard offset < end, startsNumber(base[offset]) else {
                // A trailing comma or a truncated text is malformed whatever was meant; another type is for the caller.
                if offset >= end || base[offset] == UInt8(ascii: "]") { throw failure(expecting: "a number after ','") }
                return count
            }
            if let short = shortNumber(at: offset) {
                buffer[count] = short.value
                offset = short.end
                hasPlain = hasPlain || short.isIntegerText
                hasDecimal = hasDecimal || !short.isIntegerText && short.value == Self.truncated(short.value)
            } else {
                let number = try scanNumber()
                buffer[count] = number.value
                scan.hasNonFinite = scan.hasNonFinite || !number.value.isFinite
                hasPlain = hasPlain || number.isIntegerText
                hasDecimal =
                    hasDecimal
                    || !number.isIntegerText && abs(number.value) < 0x1p53
                        && number.value == Self.truncated(number.value)
            }
            count &+= 1
            if offset < end, base[offset] == UInt8(ascii: ",") {
                offset &+= 1
                if offset < end, base[offset] <= 0x20 { skipWhiteSpace() }
                continue
            }
            skipWhiteSpace()
            guard offset < end else { throw failure(expecting: "',' or ']' after a number") }
            switch base[offset] {
            case UInt8(ascii: "]"):
                offset &+= 1
                scan.isComplete = true
                return count
            case UInt8(ascii: ","):
                offset &+= 1
                skipWhiteSpace()
            default: throw failure(expecting: "',' or ']' after a number")
            }
        }
    }

    /// The value without its fraction; magnitudes below 2⁶³ only. (`rounded` is a library call on plain x86-64.)
    @inline(__always) private static func truncated(_ value: Double) -> Double { Double(Int64(value)) }

    private struct ShortNumber {
        let value: Double
        let end: Int
        let isIntegerText: Bool
    }

    /// The number at `start` when digits, point and the byte after them fit eight bytes (a sign comes on top), without
    /// an exponent: nearly all coordinates. Nil sends the number, right or wrong, through the general path.
    @inline(__always) private func shortNumber(at start: Int) -> ShortNumber? {
        let isNegative = base[start] == UInt8(ascii: "-")
        let first = isNegative ? start &+ 1 : start
        guard first &+ 8 <= end else { return nil }
        let text = UnsafeRawPointer(base + first)
        let word = text.loadUnaligned(as: UInt64.self).littleEndian
        let values = word ^ 0x3030_3030_3030_3030
        let others = EightDigits.others(in: values)
        guard others != 0 else { return nil }
        let whole = others.trailingZeroBitCount >> 3
        guard whole > 0, whole == 1 || base[first] != UInt8(ascii: "0") else { return nil }
        let stop = base[first &+ whole]
        if stop == UInt8(ascii: ".") {
            let afterPoint = others & (others &- 1)
            guard afterPoint != 0 else { return nil }
            let length = afterPoint.trailingZeroBitCount >> 3
            let fraction = length &- whole &- 1
            guard fraction > 0, base[first &+ length] | 0x20 != UInt8(ascii: "e") else { return nil }
            // The point is cut out and the digits moved up, so that the last one is the highest byte.
            let left = values & (1 &<< UInt64(8 &* whole) &- 1)
            let right = (values &>> UInt64(8 &* (whole &+ 1))) &<< UInt64(8 &* whole)
            let digits = (left | right) &<< UInt64(8 &* (9 &- length))
            let magnitude = Self.divided(EightDigits.value(of: digits), byPowerOfTen: fraction)
            return ShortNumber(
                value: isNegative ? -magnitude : magnitude, end: first &+ length, isIntegerText: false)
        }
        guard stop | 0x20 != UInt8(ascii: "e") else { return nil }
        let magnitude = Double(EightDigits.value(of: values &<< UInt64(8 &* (8 &- whole))))
        return ShortNumber(value: isNegative ? -magnitude : magnitude, end: first &+ whole, isIntegerText: true)
    }

    /// Both numbers are exact floats, so the one division is the only rounding.
    @inline(__always) private static func divided(_ mantissa: UInt64, byPowerOfTen power: Int) -> Double {
        DecimalConversion.floatPowers.withUnsafeBufferPointer { Double(mantissa) / $0[power] }
    }
}
