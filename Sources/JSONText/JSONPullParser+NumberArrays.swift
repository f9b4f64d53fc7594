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
    private mutating func scanNumbers(
        into buffer: UnsafeMutableBufferPointer<Double>, _ scan: inout NumberScan
    ) throws(JSONError) -> Int {
        offset = scan.offset
        var count = 0
        guard let place = buffer.baseAddress else { preconditionFailure("a buffer for no number at all") }
        defer { scan.offset = offset }
        skipWhiteSpace()
        if offset < end, base[offset] == UInt8(ascii: "]") {
            offset &+= 1
            scan.isComplete = true
            return 0
        }
        var patience = NumberPatience()
        while true {
            if patience.triesRun {
                let before = count
                var short = DelimitedNumbers(base: base, cursor: offset, end: end, step: commaStep)
                let stop = short.read(into: place, &count, capacity: buffer.count)
                offset = short.cursor
                scan.hasPlainIntegers = scan.hasPlainIntegers || short.hasPlainIntegers
                scan.hasDecimalIntegers = scan.hasDecimalIntegers || short.hasDecimalIntegers
                if stop == .closed {
                    scan.isComplete = true
                    return count
                }
                patience.noteRun(of: count &- before)
            }
            skipWhiteSpace()
            guard offset < end, startsNumber(base[offset]) else {
                // A trailing comma or a cut text is malformed whatever was meant; another type is for the caller.
                if offset >= end || base[offset] == UInt8(ascii: "]") {
                    throw failure(expecting: "a number after ','")
                }
                return count
            }
            let number = try scanNumber()
            place[count] = number.value
            count &+= 1
            scan.hasNonFinite = scan.hasNonFinite || !number.value.isFinite
            scan.hasPlainIntegers = scan.hasPlainIntegers || number.isIntegerText
            scan.hasDecimalIntegers = scan.hasDecimalIntegers || !number.isIntegerText && number.hasIntegralValue
            skipWhiteSpace()
            guard offset < end else { throw failure(expecting: "',' or ']' after a number") }
            switch base[offset] {
            case UInt8(ascii: ","):
                offset &+= 1
                commaStep = offset < end && base[offset] == 0x20 ? 2 : 1
            case UInt8(ascii: "]"):
                offset &+= 1
                scan.isComplete = true
                return count
            default: throw failure(expecting: "',' or ']' after a number")
            }
        }
    }
}
