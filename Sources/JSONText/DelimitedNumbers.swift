private import CTextScan

/// The fast path of number arrays: a run of short numbers, each followed by a comma or the closing bracket.
///
/// A number is short when it is written in at most eight bytes and has neither sign nor exponent: nearly all coordinates.
/// Everything else, right or wrong, is left to the general path. Cursor and text are kept here, not in the parser, as the
/// compiler must take the numbers' buffer for one that may overlap the parser.
///
/// Four or eight numbers are read at once where the processor can (``sd_read_numbers``). What limits the speed is how soon
/// the place of the next number is known. So the commas and brackets of 64 bytes are found at once, and a number starts
/// after the end of the one before, without a look at its digits; whether a blank follows each comma is learnt from the
/// first one, and then only checked.
package struct DelimitedNumbers {
    /// Why a run ended.
    package enum Stop: Sendable {
        /// The closing bracket was passed.
        case closed
        /// What stands at the cursor, white space before it included, is no short number, or the text's end is near.
        case irregular
        /// The buffer may be too small for what comes next; a number stands at the cursor.
        case full
    }

    /// How many numbers this processor reads at once: 0 one, 1 four, 2 eight.
    package static let level = sd_number_level()

    private let base: UnsafePointer<UInt8>
    /// Where the next number, or what stands in its place, starts.
    package private(set) var cursor: Int
    private let end: Int
    /// From a comma to the next number: 2 where a blank follows the comma, as Python writes it.
    private let step: Int
    /// Whether a number is written as `12`.
    package private(set) var hasPlainIntegers = false
    /// Whether a number is written as `12.0`.
    package private(set) var hasDecimalIntegers = false

    /// - Parameter step: bytes from a comma to the next number.
    package init(base: UnsafePointer<UInt8>, cursor: Int, end: Int, step: Int) {
        self.step = step
        self.base = base
        self.cursor = cursor
        self.end = end
    }

    /// Reads numbers as long as they are short.
    ///
    /// - Parameters:
    ///   - buffer: takes the numbers.
    ///   - count: numbers in the buffer.
    ///   - capacity: numbers that the buffer can hold.
    ///   - level: at most ``level``.
    package mutating func read(
        into buffer: UnsafeMutablePointer<Double>, _ count: inout Int, capacity: Int, level: Int32 = Self.level
    ) -> Stop {
        var run = sd_number_run()
        run.cursor = cursor
        run.count = count
        guard sd_read_numbers(level, base, end, step, buffer, capacity, &run) != 0 else {
            return readOneByOne(into: buffer, &count, capacity: capacity)
        }
        cursor = run.cursor
        count = run.count
        hasPlainIntegers = hasPlainIntegers || run.has_plain_integers != 0
        hasDecimalIntegers = hasDecimalIntegers || run.has_decimal_integers != 0
        switch run.stop {
        case Int32(SD_NUMBER_CLOSED.rawValue): return .closed
        case Int32(SD_NUMBER_FULL.rawValue): return .full
        default: return .irregular
        }
    }

    /// The same without the vectors of newer processors; it may go on nearer to the text's end, and to a fuller buffer.
    private mutating func readOneByOne(
        into buffer: UnsafeMutablePointer<Double>, _ count: inout Int, capacity: Int
    ) -> Stop {
        let base = base
        let step = step
        let blank: UInt8 = step == 2 ? 0xff : 0
        var start = cursor
        var index = count
        var plain: UInt64 = 0
        var decimal = false
        defer {
            cursor = start
            count = index
            hasPlainIntegers = hasPlainIntegers || plain != 0
            hasDecimalIntegers = hasDecimalIntegers || decimal
        }
        var block = cursor
        // A number may start in the last byte of the block, and eight bytes are loaded there.
        let last = end &- 72
        return DecimalConversion.floatPowers.withUnsafeBufferPointer { powers in
            while block <= last {
                var ends = sd_number_ends(base + block)
                while ends != 0 {
                    let stop = block &+ ends.trailingZeroBitCount
                    ends &= ends &- 1
                    let length = stop &- start
                    guard UInt(bitPattern: length &- 1) < 8 else { return .irregular }
                    guard index < capacity else { return .full }
                    let word =
                        UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self).littleEndian
                        ^ 0x3030_3030_3030_3030
                    // The last character becomes the highest byte, zeros stand before the first.
                    let values = word &<< UInt64(truncatingIfNeeded: 64 &- 8 &* length)
                    let others = EightDigits.others(in: values)
                    let isWhole = others == 0
                    let fraction = isWhole ? 0 : others.leadingZeroBitCount >> 3
                    // What is no digit is at most one point, with a digit before and after it.
                    let above = 0 &- others &<< 1
                    let below = others &>> 7 &- 1
                    let point = others &>> 7
                    guard others & (others &- 1) == 0, values & ~(above | below) == point &* 0x1e,
                        Int64(bitPattern: others) >= 0
                    else { return .irregular }
                    let first = UInt8(truncatingIfNeeded: word)
                    if first &- 1 >= 9 {
                        // A zero stands alone before the point; and that is no digit at all.
                        guard first == 0, length &- fraction == (isWhole ? 1 : 2) else { return .irregular }
                    }
                    // The point is cut out. Both numbers are exact floats, so the one division is the only rounding.
                    let digits = values & above | (values & below) &<< (isWhole ? 0 : 8)
                    buffer[index] = EightDigits.float(of: digits) / powers[fraction]
                    index &+= 1
                    plain |= isWhole ? 1 : 0
                    decimal = decimal || (values & above == 0 && !isWhole)
                    guard base[stop] == UInt8(ascii: ",") else {
                        start = stop &+ 1
                        return .closed
                    }
                    start = stop &+ step
                    guard (base[stop &+ 1] ^ 0x20) & blank == 0 else {
                        start = stop &+ 1
                        return .irregular
                    }
                }
                block &+= 64
            }
            return .irregular
        }
    }
}
