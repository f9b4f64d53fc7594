internal import CCRC32C

/// CRC-32C (Castagnoli), the checksum of TFRecord framing (RFC 3720, appendix B.4 for test values).
package struct CRC32C: Sendable {
    /// The checksum of all bytes so far.
    package private(set) var value: UInt32 = 0

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = sd_crc32c_extend(value, bytes.baseAddress, bytes.count)
    }

    /// The checksum of one run of bytes.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        sd_crc32c_extend(0, bytes.baseAddress, bytes.count)
    }

    /// The same, one table look-up a byte: the reference that the fast path is tested against.
    package static func checksumByTable(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        sd_crc32c_extend_table(0, bytes.baseAddress, bytes.count)
    }

    /// TFRecord's masked form, so that a CRC stored inside checksummed data does no harm.
    package static func masked(_ checksum: UInt32) -> UInt32 {
        ((checksum >> 15) | (checksum << 17)) &+ 0xa282_ead8
    }
}
