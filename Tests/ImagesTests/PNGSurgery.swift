/// Changes PNG files and makes their checksums right again, so that the change reaches the decoder.
enum PNGSurgery {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    /// Writes the right CRC-32 behind every chunk that lies wholly in the bytes.
    static func repairChecksums(_ bytes: inout [UInt8]) {
        var offset = 8
        while offset + 12 <= bytes.count {
            let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - offset - 12 else { return }
            let body = bytes[offset + 4..<offset + 8 + length]
            let checksum = ~body.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 255)] ^ ($0 >> 8) }
            for index in 0..<4 {
                bytes[offset + 8 + length + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32(index)))
            }
            offset += 12 + length
        }
    }

    /// Changes the size that the header claims.
    static func setSize(_ bytes: inout [UInt8], width: Int, height: Int) {
        for (start, value) in [(16, width), (20, height)] {
            for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
        }
        repairChecksums(&bytes)
    }
}
