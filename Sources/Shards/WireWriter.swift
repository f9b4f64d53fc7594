/// Writes protobuf's wire format.
package struct WireWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - capacity: bytes to reserve.
    ///   - headroom: zeros to begin with, in whose place something else goes later.
    package init(capacity: Int = 0, headroom: Int = 0) {
        bytes.reserveCapacity(capacity + headroom)
        bytes.append(contentsOf: repeatElement(0, count: headroom))
    }

    /// How many bytes a varint takes: 1 to 10.
    static func varintBytes(_ value: UInt64) -> Int {
        value == 0 ? 1 : (70 - value.leadingZeroBitCount) / 7
    }

    /// How many bytes a length-delimited field with a one-byte tag takes.
    static func delimitedBytes(_ count: Int) -> Int { 1 + varintBytes(UInt64(count)) + count }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A field's number and how its value is stored; the value must follow.
    mutating func tag(_ field: UInt8, _ type: WireReader.WireType) {
        varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    /// The tag and length of a length-delimited field; its `count` bytes follow.
    mutating func delimitedHeader(field: UInt8, count: Int) {
        tag(field, .delimited)
        varint(UInt64(count))
    }

    mutating func delimited(field: UInt8, _ content: some Collection<UInt8>) {
        delimitedHeader(field: field, count: content.count)
        bytes.append(contentsOf: content)
    }

    /// A little-endian 64-bit word.
    mutating func fixed64(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A little-endian 32-bit word.
    mutating func fixed32(_ value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
