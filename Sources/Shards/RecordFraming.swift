private import Runtime

/// TFRecord framing: `u64 length`, `u32 masked CRC-32C of those 8 bytes`, payload, `u32 masked CRC-32C of the payload`,
/// all little endian.
///
/// Source: tensorflow/core/lib/io/record_writer.h; the mask is `CRC32C.masked`.
package enum RecordFraming {
    /// Bytes before the payload.
    package static let headerBytes = 12
    /// Bytes behind the payload.
    static let checksumBytes = 4
    /// Bytes that the frame adds to its payload.
    package static let overheadBytes = headerBytes + checksumBytes

    /// A payload in its frame.
    package static func frame(_ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + overheadBytes)
        append(UInt64(payload.count), to: &bytes)
        append(bytes.withUnsafeBytes { CRC32C.masked(CRC32C.checksum($0)) }, to: &bytes)
        bytes.append(contentsOf: payload)
        append(payload.withUnsafeBytes { CRC32C.masked(CRC32C.checksum($0)) }, to: &bytes)
        return bytes
    }

    /// Makes a frame of a payload in parts, of which the first begins with room for the header: fills that, and adds what
    /// follows the payload to the last.
    static func close(_ parts: inout [[UInt8]]) {
        var payload = CRC32C()
        var length = -headerBytes
        for (index, part) in parts.enumerated() {
            length += part.count
            part.withUnsafeBytes {
                payload.update(UnsafeRawBufferPointer(rebasing: index == 0 ? $0[headerBytes...] : $0[...]))
            }
        }
        parts[0].withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt64(length).littleEndian, as: UInt64.self)
            let checksum = CRC32C.masked(CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<8])))
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 8, as: UInt32.self)
        }
        append(CRC32C.masked(payload.value), to: &parts[parts.count - 1])
    }

    /// The length of the record that starts at `offset`, framing included, from its header alone.
    ///
    /// - Throws: `ShardError.checksum` when the length was changed, `.truncated` when the file ends before the record.
    package static func recordBytes(
        in file: UnsafeRawBufferPointer, at offset: Int
    ) throws(ShardError) -> Int {
        let available = file.count - offset
        let header = UnsafeRawBufferPointer(
            rebasing: file[min(offset, file.count)...].prefix(headerBytes))
        return try recordBytes(header: header, available: available)
    }

    /// The same from the header's bytes.
    ///
    /// - Parameters:
    ///   - header: the first twelve bytes, or fewer where the file ends before.
    ///   - available: bytes of the file from the record's start on.
    static func recordBytes(header: UnsafeRawBufferPointer, available: Int) throws(ShardError) -> Int {
        guard header.count >= headerBytes else {
            throw ShardError(
                .truncated, "the file ends inside a record's header: \(max(0, available)) of \(headerBytes) bytes")
        }
        let length = header.loadUnaligned(as: UInt64.self).littleEndian
        let stored = header.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian
        let computed = CRC32C.masked(CRC32C.checksum(UnsafeRawBufferPointer(rebasing: header[..<8])))
        guard stored == computed else {
            throw ShardError(
                .checksum,
                "the CRC-32C of the record's length is \(hexadecimal(computed)), stored is \(hexadecimal(stored))")
        }
        guard available >= overheadBytes, length <= UInt64(available - overheadBytes) else {
            throw ShardError(
                .truncated,
                "the record says \(length) bytes of payload, the file has \(max(0, available - overheadBytes)) left")
        }
        return Int(length) + overheadBytes
    }

    /// The payload of the record in `frame`, whose checksum is verified.
    ///
    /// - Parameter frame: exactly one record, as ``recordBytes(in:at:)`` measured it.
    package static func payload(of frame: UnsafeRawBufferPointer) throws(ShardError) -> UnsafeRawBufferPointer {
        let payload = unverifiedPayload(of: frame)
        let stored = frame.loadUnaligned(fromByteOffset: frame.count - 4, as: UInt32.self).littleEndian
        let computed = CRC32C.masked(CRC32C.checksum(payload))
        guard stored == computed else {
            throw ShardError(
                .checksum,
                "the CRC-32C of the record's \(payload.count) bytes is \(hexadecimal(computed)), stored is \(hexadecimal(stored))"
            )
        }
        return payload
    }

    /// The payload of the record in `frame`, whatever its checksum.
    static func unverifiedPayload(of frame: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: frame[headerBytes..<(frame.count - 4)])
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
