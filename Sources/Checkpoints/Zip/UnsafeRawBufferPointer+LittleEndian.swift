extension UnsafeRawBufferPointer {
    /// The little-endian number at a byte offset, or nil where it would not lie inside.
    func little<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number? {
        guard offset >= 0, offset <= count - MemoryLayout<Number>.size else { return nil }
        return Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// The bytes of a range, or nil where it does not lie inside.
    func slice(_ start: Int, count length: Int) -> UnsafeRawBufferPointer? {
        guard start >= 0, length >= 0, start <= count, length <= count - start else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[start..<start + length])
    }
}
