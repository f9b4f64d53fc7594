/// Numbers as text, at the speed that coordinates by the million need.
enum NumberText {
    /// Appends an integer.
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        append(value.magnitude, scale: 0, isNegative: value < 0, to: &bytes)
    }

    /// Appends the shortest text that reads back as the same float, an integral value with `.0`: what the standard
    /// library's `description` gives. The value is finite.
    ///
    /// A value with at most two decimals, like most coordinates, is n/100 with a whole n: no two such numbers of at most
    /// 15 digits are the same float, so the digits of n without trailing zeros are the shortest.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        let magnitude = value.magnitude
        if magnitude >= 0.01, magnitude < 1e12 {
            let hundredths = Int64(magnitude * 100 + 0.5)
            if Double(hundredths) / 100 == magnitude {
                append(hundredths.magnitude, scale: 2, isNegative: value < 0, to: &bytes)
                return
            }
        }
        bytes.append(contentsOf: value.description.utf8)
    }

    /// Appends `value` / 10^`scale`; zeros at the end of the fraction are left out, but for one.
    private static func append(_ value: UInt64, scale: Int, isNegative: Bool, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { text in
            var start = 24
            var rest = value
            func put(_ byte: UInt8) {
                start -= 1
                text.initializeElement(at: start, to: byte)
            }
            func putDigit() {
                put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            }
            if scale > 0 {
                var kept = scale
                while kept > 1, rest % 10 == 0 {
                    rest /= 10
                    kept -= 1
                }
                for _ in 0..<kept { putDigit() }
                put(UInt8(ascii: "."))
            }
            repeat { putDigit() } while rest > 0
            if isNegative { put(UInt8(ascii: "-")) }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        }
    }
}
