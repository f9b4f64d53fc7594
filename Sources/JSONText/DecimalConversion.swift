/// From a decimal mantissa and exponent to the nearest 64-bit float.
enum DecimalConversion {
    /// 10⁰ … 10²², all exact as floats.
    static let floatPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// 10⁰ … 10¹⁹, all that fit 64 bits.
    static let integerPowers: [UInt64] = (0..<20).map { (0..<$0).reduce(UInt64(1)) { power, _ in power * 10 } }

    /// `mantissa` · 10^`exponent`, rounded once to the nearest float, ties to even, as `strtod` does; nil outside
    /// −19 … 19, which the caller leaves to the library.
    ///
    /// Where both numbers are exact floats one multiplication or division rounds once (Clinger, "How to read floating
    /// point numbers accurately", PLDI 1990). Otherwise the exact 128-bit product, or the quotient with its remainder
    /// as sticky bit, is rounded by hand.
    @inline(__always)
    static func double(mantissa: UInt64, exponent: Int) -> Double? {
        if mantissa <= 1 << 53, (-22...22).contains(exponent) {
            return floatPowers.withUnsafeBufferPointer {
                let exact = Double(Int64(bitPattern: mantissa))
                return exponent < 0 ? exact / $0[-exponent] : exact * $0[exponent]
            }
        }
        return wide(mantissa: mantissa, exponent: exponent)
    }

    private static func wide(mantissa: UInt64, exponent: Int) -> Double? {
        guard (-19...19).contains(exponent), mantissa != 0 else { return nil }
        if exponent >= 0 {
            let product = mantissa.multipliedFullWidth(by: integerPowers[exponent])
            let shift = product.high == 0 ? 0 : 64 - product.high.leadingZeroBitCount
            if shift == 0 { return rounded(product.low, sticky: false, exponent: 0) }
            let top = shift == 64 ? product.high : product.high << (64 - UInt64(shift)) | product.low >> UInt64(shift)
            let lost = shift == 64 ? product.low : product.low & (1 << UInt64(shift) - 1)
            return rounded(top, sticky: lost != 0, exponent: shift)
        }
        // Both normalised: the quotient of (mantissa · 2⁶³) by the divisor then has 63 or 64 bits.
        let divisor = integerPowers[-exponent]
        let up = mantissa.leadingZeroBitCount
        let divisorUp = divisor.leadingZeroBitCount
        let numerator = mantissa << UInt64(up)
        let (quotient, remainder) = (divisor << UInt64(divisorUp)).dividingFullWidth(
            (numerator >> 1, numerator << 63))
        return rounded(quotient, sticky: remainder != 0, exponent: divisorUp - up - 63)
    }

    /// `word` · 2^`exponent`, plus less than one unit when `sticky`, rounded to 53 bits; the result is a normal number.
    private static func rounded(_ word: UInt64, sticky: Bool, exponent: Int) -> Double {
        let zeros = word.leadingZeroBitCount
        let normal = word << UInt64(zeros)
        var kept = normal >> 11
        let half: UInt64 = 1 << 10
        let lost = normal & (1 << 11 - 1)
        if lost > half || lost == half && (sticky || kept & 1 == 1) { kept += 1 }
        return Double(sign: .plus, exponent: exponent - zeros + 11, significand: Double(kept))
    }
}
