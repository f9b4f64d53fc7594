internal import CImageShims

/// Writes label images as TIFF: one strip, gray, deflate.
package enum TIFFWriter {
    /// - Parameters:
    ///   - values: [height, width], row-major.
    ///   - bitDepth: 8 or 16; values fit it.
    package static func encode(_ values: [UInt16], height: Int, width: Int, bitDepth: Int) -> [UInt8] {
        precondition(bitDepth == 8 || bitDepth == 16, "bit depth \(bitDepth) is neither 8 nor 16")
        precondition(values.count == height * width && height > 0 && width > 0, "\(values.count) values for a TIFF")
        let samples: [UInt8] =
            bitDepth == 8
            ? values.map { UInt8($0) } : values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let strip = deflated(samples)
        // Header, one directory, one strip; little endian.
        let tags: [(tag: UInt16, type: UInt16, value: UInt32)] = [
            (256, 4, UInt32(width)), (257, 4, UInt32(height)), (258, 3, UInt32(bitDepth)), (259, 3, 8), (262, 3, 1),
            (273, 4, 0), (277, 3, 1), (278, 4, UInt32(height)), (279, 4, UInt32(strip.count)), (339, 3, 1),
        ]
        let start = 8 + 2 + 12 * tags.count + 4
        var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
        append(UInt16(tags.count), to: &bytes)
        for tag in tags {
            append(tag.tag, to: &bytes)
            append(tag.type, to: &bytes)
            append(UInt32(1), to: &bytes)
            append(tag.tag == 273 ? UInt32(start) : tag.value, to: &bytes)
        }
        append(UInt32(0), to: &bytes)
        return bytes + strip
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func deflated(_ samples: [UInt8]) -> [UInt8] {
        var out = sd_image_bytes(data: nil, count: 0)
        let status = samples.withUnsafeBytes { sd_deflate($0.shimBytes, $0.count, &out) }
        defer { sd_image_bytes_free(out) }
        precondition(status == SD_IMAGE_OK, "no memory to compress \(samples.count) bytes")
        return Array(UnsafeBufferPointer(start: out.data, count: out.count))
    }
}
