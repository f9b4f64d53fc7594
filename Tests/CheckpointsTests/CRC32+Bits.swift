import Checkpoints

extension CRC32 {
    /// The checksum one bit at a time, from the polynomial alone: what the fast way is held against.
    static func checksumByBits(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var register = ~UInt32(0)
        for byte in bytes {
            register ^= UInt32(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? (register >> 1) ^ 0xedb8_8320 : register >> 1 }
        }
        return ~register
    }
}
