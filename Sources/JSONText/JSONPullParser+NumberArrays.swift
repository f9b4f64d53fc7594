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
        let commas = ByteCount.of(UInt8(ascii: ","), in: base + start, count: close &- start)
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

    /// For each number of arrays that were read: whether it is written with point or exponent.
    ///
    /// - Parameter range: the bytes of an array of numbers, or of an array of such arrays.
    package func numbersWithPoint(in range: Range<Int>) -> [Bool] {
        var flags: [Bool] = []
        var isNumber = false
        var hasPoint = false
        // The text was checked when it was read, so that what ends in a comma or bracket and has a digit is a number.
        for index in range {
            switch base[index] {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): hasPoint = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): isNumber = true
            case UInt8(ascii: ","), UInt8(ascii: "]"):
                if isNumber { flags.append(hasPoint) }
                isNumber = false
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
    ///
    /// Cursor and text are kept in local variables: the compiler must take the numbers' buffer for one that may overlap
    /// the parser.
    private mutating func scanNumbers(
        into buffer: UnsafeMutableBufferPointer<Double>, _ scan: inout NumberScan
    ) throws(JSONError) -> Int {
        let base = base
        let end = end
        offset = scan.offset
        skipWhiteSpace()
        var cursor = offset
        var count = 0
        var hasPlain = false
        var hasDecimal = false
        defer {
            scan.offset = offset
            scan.hasPlainIntegers = hasPlain
            scan.hasDecimalIntegers = hasDecimal
        }
        if cursor < end, base[cursor] == UInt8(ascii: "]") {
            offset = cursor &+ 1
            scan.isComplete = true
            return 0
        }
        while true {
            if let short = Self.shortNumber(base, at: cursor, end: end) {
                buffer[count] = short.value
                cursor = short.end
                hasPlain = hasPlain || short.isPlainInteger
                hasDecimal = hasDecimal || short.isDecimalInteger
            } else {
                offset = cursor
                guard cursor < end, startsNumber(base[cursor]) else {
                    // A trailing comma or a cut text is malformed whatever was meant; another type is for the caller.
                    if cursor >= end || base[cursor] == UInt8(ascii: "]") {
                        throw failure(expecting: "a number after ','")
                    }
                    return count
                }
                let number = try scanNumber()
                buffer[count] = number.value
                scan.hasNonFinite = scan.hasNonFinite || !number.value.isFinite
                hasPlain = hasPlain || number.isIntegerText
                hasDecimal = hasDecimal || !number.isIntegerText && number.hasIntegralValue
                cursor = offset
            }
            count &+= 1
            if cursor < end, base[cursor] == UInt8(ascii: ",") {
                cursor &+= 1
                // One blank after a comma is how Python writes it.
                if cursor < end, base[cursor] == 0x20 { cursor &+= 1 }
                if cursor < end, base[cursor] > 0x20 { continue }
                offset = cursor
                skipWhiteSpace()
                cursor = offset
                continue
            }
            offset = cursor
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
                cursor = offset
            default: throw failure(expecting: "',' or ']' after a number")
            }
        }
    }

    private struct ShortNumber {
        let value: Double
        let end: Int
        /// `12`.
        let isPlainInteger: Bool
        /// `12.0`.
        let isDecimalInteger: Bool
    }

    /// The number at `start` when digits, point and the byte after them fit eight bytes (a sign comes on top), without
    /// an exponent: nearly all coordinates. Nil sends the number, right or wrong, through the general path.
    @inline(__always) private static func shortNumber(
        _ base: UnsafePointer<UInt8>, at start: Int, end: Int
    ) -> ShortNumber? {
        guard start &+ 9 <= end else { return nil }
        let isNegative = base[start] == UInt8(ascii: "-")
        let first = isNegative ? start &+ 1 : start
        let word = UnsafeRawPointer(base + first).loadUnaligned(as: UInt64.self).littleEndian
        let values = word ^ 0x3030_3030_3030_3030
        let others = EightDigits.others(in: values)
        guard others != 0 else { return nil }
        let whole = others.trailingZeroBitCount >> 3
        // No digit at all, or a superfluous zero.
        guard whole > 0, whole == 1 || values & 0xff != 0 else { return nil }
        let stop = base[first &+ whole]
        guard stop == UInt8(ascii: ".") else {
            guard stop | 0x20 != UInt8(ascii: "e") else { return nil }
            let magnitude = Double(Int64(bitPattern: EightDigits.value(of: values &<< UInt64(8 &* (8 &- whole)))))
            return ShortNumber(
                value: isNegative ? -magnitude : magnitude, end: first &+ whole, isPlainInteger: true,
                isDecimalInteger: false)
        }
        let afterPoint = others & (others &- 1)
        guard afterPoint != 0 else { return nil }
        let length = afterPoint.trailingZeroBitCount >> 3
        let fraction = length &- whole &- 1
        guard fraction > 0, base[first &+ length] | 0x20 != UInt8(ascii: "e") else { return nil }
        // The point is cut out and the digits moved up, so that the last one is the highest byte.
        let left = values & (1 &<< UInt64(8 &* whole) &- 1)
        let right = (values &>> UInt64(8 &* (whole &+ 1))) &<< UInt64(8 &* whole)
        let digits = (left | right) &<< UInt64(8 &* (9 &- length))
        // Both numbers are exact floats, so the one division is the only rounding.
        let mantissa = Double(Int64(bitPattern: EightDigits.value(of: digits)))
        let magnitude = DecimalConversion.floatPowers.withUnsafeBufferPointer { mantissa / $0[fraction] }
        return ShortNumber(
            value: isNegative ? -magnitude : magnitude, end: first &+ length, isPlainInteger: false,
            isDecimalInteger: digits &>> UInt64(8 &* (8 &- fraction)) == 0)
    }
}
