private import Foundation

/// Reads integers from untrusted bytes: whatever lies outside is nil.
struct BinaryView {
    private let bytes: UnsafeRawBufferPointer
    private let isLittleEndian: Bool

    init(_ bytes: UnsafeRawBufferPointer, littleEndian: Bool = false) {
        self.bytes = bytes
        isLittleEndian = littleEndian
    }

    var count: Int { bytes.count }

    /// Whether `count` bytes from `offset` on exist; both may be any number.
    func contains(offset: Int, count: Int) -> Bool {
        offset >= 0 && count >= 0 && offset <= bytes.count && count <= bytes.count - offset
    }

    func uint8(at offset: Int) -> Int? {
        contains(offset: offset, count: 1) ? Int(bytes[offset]) : nil
    }

    func uint16(at offset: Int) -> Int? {
        guard contains(offset: offset, count: 2) else { return nil }
        let (a, b) = (Int(bytes[offset]), Int(bytes[offset + 1]))
        return isLittleEndian ? b << 8 | a : a << 8 | b
    }

    func uint32(at offset: Int) -> Int? {
        guard let a = uint16(at: offset), let b = uint16(at: offset + 2) else { return nil }
        return isLittleEndian ? b << 16 | a : a << 16 | b
    }

    /// Whether the ASCII text stands at `offset`.
    func matches(_ text: StaticString, at offset: Int) -> Bool {
        guard contains(offset: offset, count: text.utf8CodeUnitCount) else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[offset..<offset + $0.count]) }
    }

    func slice(at offset: Int, count: Int) -> UnsafeRawBufferPointer? {
        guard contains(offset: offset, count: count) else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// The offset of the first byte equal to `value` at or after `offset`; nil when there is none.
    func firstIndex(of value: UInt8, from offset: Int) -> Int? {
        guard contains(offset: offset, count: 1), let base = bytes.baseAddress else { return nil }
        // The C library looks at many bytes at a time, and a photograph's pixels are many.
        guard let found = memchr(base + offset, Int32(value), bytes.count - offset) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
