private import Runtime

/// Reads protobuf's wire format from bytes that nobody vouches for.
///
/// Every length is held against the bytes that are left before it is used, so nothing is allocated that the input does
/// not hold. Source: protobuf.dev, "Encoding".
package struct WireReader {
    /// How a field's value is stored.
    package enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case delimited = 2
        case fixed32 = 5
    }

    private let bytes: UnsafeRawBufferPointer
    /// Where `bytes` starts in the payload, for messages.
    private let origin: Int
    private(set) var offset = 0

    /// - Parameter origin: where `bytes` starts in the record's payload.
    package init(_ bytes: UnsafeRawBufferPointer, origin: Int = 0) {
        self.bytes = bytes
        self.origin = origin
    }

    var isAtEnd: Bool { offset == bytes.count }
    /// Bytes not read yet.
    var remaining: Int { bytes.count - offset }

    /// The next field's number and type, or nil at the end.
    package mutating func field() throws(ShardError) -> (number: UInt64, type: WireType)? {
        if isAtEnd { return nil }
        let tag = try varint()
        guard tag >> 3 > 0, tag <= UInt64(UInt32.max), let type = WireType(rawValue: UInt8(tag & 7)) else {
            throw failure("field tag \(tag) is not valid")
        }
        return (tag >> 3, type)
    }

    /// A base-128 varint of at most ten bytes.
    package mutating func varint() throws(ShardError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard offset < bytes.count else { throw failure("a varint is cut off") }
            let byte = bytes[offset]
            offset += 1
            guard shift < 63 || byte <= 1 else { throw failure("a varint is longer than 64 bits") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw failure("a varint is longer than ten bytes")
    }

    /// The bytes of a length-delimited value.
    package mutating func delimited() throws(ShardError) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(remaining) else {
            throw failure("a value says \(length) bytes, \(remaining) are left")
        }
        defer { offset += Int(length) }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + Int(length))])
    }

    /// A reader of a nested message.
    ///
    /// - Parameter isPart: whether the message may go on behind the last of the bytes.
    package mutating func message(isPart: Bool = false) throws(ShardError) -> WireReader {
        if isPart {
            var ahead = self
            if try ahead.varint() > UInt64(ahead.remaining) {
                defer { offset = bytes.count }
                return WireReader(
                    UnsafeRawBufferPointer(rebasing: bytes[ahead.offset...]), origin: origin + ahead.offset)
            }
        }
        let content = try delimited()
        return WireReader(content, origin: origin + offset - content.count)
    }

    /// A little-endian 32-bit word.
    package mutating func fixed32() throws(ShardError) -> UInt32 {
        guard remaining >= 4 else { throw failure("a 32-bit value is cut off") }
        defer { offset += 4 }
        return bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
    }

    /// Steps over the value of a field that is not of interest.
    package mutating func skip(_ type: WireType) throws(ShardError) {
        switch type {
        case .varint: _ = try varint()
        case .delimited: _ = try delimited()
        case .fixed32: _ = try fixed32()
        case .fixed64:
            guard remaining >= 8 else { throw failure("a 64-bit value is cut off") }
            offset += 8
        }
    }

    /// An error at the current place.
    func failure(_ message: String) -> ShardError {
        ShardError(.example, "not a tf.train.Example: \(message)", location: DataLocation(byteOffset: origin + offset))
    }
}
