/// Eight bytes of text looked at in one register; the first character is the lowest byte.
///
/// A word is the text with each byte XORed with `'0'`, so that digits are 0 … 9. Source of the method: Lemire, "Quickly
/// parsing eight digits", 2018.
enum EightDigits {
    /// The top bit of each byte that is no digit.
    @inline(__always) static func others(in values: UInt64) -> UInt64 {
        ((values & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7676_7676_7676_7676 | values) & 0x8080_8080_8080_8080
    }

    /// The number that eight digits spell, as a float.
    ///
    /// Put together from bits: the conversion instruction waits for the register that it writes, and with it for the
    /// division of the number before.
    @inline(__always) static func float(of values: UInt64) -> Double {
        Double(bitPattern: 0x1p52.bitPattern | value(of: values)) - 0x1p52
    }

    /// The number that eight digits spell.
    @inline(__always) static func value(of values: UInt64) -> UInt64 {
        let pairs = values &* 10 &+ values >> 8
        let upper = (pairs & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064
        let lower = (pairs >> 16 & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001
        return (upper &+ lower) >> 32
    }
}
