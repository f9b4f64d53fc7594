/// The colours of Pascal VOC's masks: index bits, spread over red, green and blue from the most significant bit down.
///
/// Source: `VOClabelcolormap.m` of the VOC development kit.
enum VOCPalette {
    /// Red, green and blue of an index.
    static func colour(_ index: Int) -> [UInt8] {
        var colour: [UInt8] = [0, 0, 0]
        var rest = index
        for bit in (0..<8).reversed() {
            for channel in 0..<3 where rest >> channel & 1 == 1 { colour[channel] |= 1 << UInt8(bit) }
            rest >>= 3
        }
        return colour
    }

    /// 256 colours, red, green and blue each.
    static let bytes: [UInt8] = (0..<256).flatMap { colour($0) }

    /// Indexes by colour, as R + 256 G + 65536 B.
    static let indexes: [UInt32: UInt32] = Dictionary(
        (0..<256).map { index in
            let colour = colour(index)
            return (UInt32(colour[0]) | UInt32(colour[1]) << 8 | UInt32(colour[2]) << 16, UInt32(index))
        }, uniquingKeysWith: { first, _ in first })
}
