extension [UInt8] {
    /// Adds a number's bytes, the lowest first.
    mutating func appendLittle<Number: FixedWidthInteger>(_ number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
