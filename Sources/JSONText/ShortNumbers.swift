/// The fast path of number arrays: a run of short numbers, each followed by a comma.
///
/// A number is short when its digits, its point and the byte after them fit eight bytes and it has neither sign nor
/// exponent: nearly all coordinates. Everything else, right or wrong, is left to the general path. Cursor and text are
/// kept here, not in the parser, as the compiler must take the numbers' buffer for one that may overlap the parser.
///
/// What limits the speed is how soon the place of the next number is known. So that place follows from the length of
/// this one alone: whether a blank follows each comma is learnt from the first one, and then only checked.
struct ShortNumbers {
    let base: UnsafePointer<UInt8>
    /// Where the next number, or what stands in its place, starts.
    private(set) var cursor: Int
    let end: Int
    /// From a comma to the next number: 2 where a blank follows the comma, as Python writes it.
    private let step: Int
    /// Whether a number is written as `12`.
    private(set) var hasPlainIntegers = false
    /// Whether a number is written as `12.0`.
    private(set) var hasDecimalIntegers = false

    /// - Parameter step: bytes from a comma to the next number.
    init(base: UnsafePointer<UInt8>, cursor: Int, end: Int, step: Int) {
        self.step = step
        self.base = base
        self.cursor = cursor
        self.end = end
    }

    /// Reads numbers as long as they are short.
    ///
    /// - Returns: true when the last number read is not followed by a comma, the cursor then after it; false when no
    ///   short number stands at the cursor.
    @inline(__always)
    mutating func read(into buffer: UnsafeMutableBufferPointer<Double>, _ count: inout Int) -> Bool {
        let base = base
        var start = cursor
        var index = count
        var plain = false
        var decimal = false
        defer {
            cursor = start
            count = index
            hasPlainIntegers = plain
            hasDecimalIntegers = decimal
        }
        // Eight bytes and what follows a comma in the last of them: nothing below looks further.
        let last = end &- 10
        while start <= last {
            let word = UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self).littleEndian
            let values = word ^ 0x3030_3030_3030_3030
            let others = EightDigits.others(in: values)
            guard others != 0 else { return false }
            let whole = others.trailingZeroBitCount >> 3
            // A sign, or no number, or a superfluous zero.
            guard whole == 1 || whole > 1 && values & 0xff != 0 else { return false }
            let length: Int
            let value: Double
            if base[start &+ whole] == UInt8(ascii: ".") {
                let afterPoint = others & (others &- 1)
                guard afterPoint != 0 else { return false }
                length = afterPoint.trailingZeroBitCount >> 3
                let fraction = length &- whole &- 1
                guard fraction > 0 else { return false }
                // The point is cut out and the digits are moved up, so that the last one is the highest byte.
                let belowPoint = ((others & (0 &- others)) &- 1) >> 7
                let digits = (values & belowPoint | values >> 8 & ~belowPoint) &<< UInt64(8 &* (9 &- length))
                // Both numbers are exact floats, so the one division is the only rounding.
                value = DecimalConversion.floatPowers.withUnsafeBufferPointer {
                    EightDigits.float(of: digits) / $0[fraction]
                }
                let isIntegral = digits &>> UInt64(8 &* (8 &- fraction)) == 0
                guard base[start &+ length] | 0x20 != UInt8(ascii: "e") else { return false }
                decimal = decimal || isIntegral
            } else {
                length = whole
                guard base[start &+ length] | 0x20 != UInt8(ascii: "e") else { return false }
                value = EightDigits.float(of: values &<< UInt64(8 &* (8 &- whole)))
                plain = true
            }
            buffer[index] = value
            index &+= 1
            start &+= length
            guard base[start] == UInt8(ascii: ",") else { return true }
            let hasBlank = base[start &+ 1] == 0x20
            start &+= step
            guard hasBlank == (step == 2) else {
                start = start &- step &+ 1
                return false
            }
        }
        return false
    }
}
