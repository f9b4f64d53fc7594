private import Runtime

/// CRC-32 as in zip and gzip (IEEE 802.3, reflected polynomial 0xEDB88320).
package struct CRC32: Sendable {
    /// The checksum of all bytes so far.
    package private(set) var value: UInt32 = 0

    package init() {}

    private static let polynomial: UInt32 = 0xedb8_8320
    /// Bytes that one step of the fast path takes.
    private static let stride = 16
    /// Bytes of one task of the parallel path.
    private static let grain = 1 << 20

    /// `tables[256 * k + b]`: what byte `b` adds to the register once `k` more bytes have passed.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 256 * stride)
        for byte in 0..<256 {
            var register = UInt32(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? (register >> 1) ^ polynomial : register >> 1 }
            tables[byte] = register
        }
        for index in 256..<256 * stride {
            let before = tables[index - 256]
            tables[index] = (before >> 8) ^ tables[Int(before & 0xff)]
        }
        return tables
    }()

    /// Takes sixteen bytes a step, one look-up a byte with no dependence between them.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let register = Self.tables.withUnsafeBufferPointer { tables in
            var register = ~value
            var offset = 0
            while bytes.count - offset >= Self.stride {
                let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
                register =
                    Self.lookUp(low ^ UInt64(register), tables, first: 15) ^ Self.lookUp(high, tables, first: 7)
                offset += Self.stride
            }
            for byte in bytes[offset...] {
                register = (register >> 8) ^ tables[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
            }
            return register
        }
        value = ~register
    }

    /// What eight bytes add, the lowest of which has `first` bytes to pass.
    @inline(__always)
    private static func lookUp(_ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>, first: Int) -> UInt32 {
        func entry(_ position: Int) -> UInt32 {
            tables[256 * (first - position) + Int((word >> UInt64(8 * position)) & 0xff)]
        }
        return (entry(0) ^ entry(1)) ^ (entry(2) ^ entry(3)) ^ ((entry(4) ^ entry(5)) ^ (entry(6) ^ entry(7)))
    }

    /// The checksum of one run of bytes; of a long one on all workers, with the same result.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        if bytes.count <= grain {
            var checksum = CRC32()
            checksum.update(bytes)
            return checksum.value
        }
        var parts = [UInt32](repeating: 0, count: (bytes.count + grain - 1) / grain)
        parts.withUnsafeMutableBufferPointer { parts in
            guard let base = parts.baseAddress else { return }
            let shared = SharedBuffer(base, count: parts.count)
            // Read only, and alive until the loop ends.
            nonisolated(unsafe) let bytes = bytes
            Workers.forEachChunk(of: bytes.count, grain: grain) { range, _ in
                var checksum = CRC32()
                checksum.update(UnsafeRawBufferPointer(rebasing: bytes[range]))
                shared.base[range.lowerBound / grain] = checksum.value
            }
        }
        var joined = parts[0]
        for (index, part) in parts.enumerated().dropFirst() {
            joined = combine(joined, part, secondCount: min(grain, bytes.count - index * grain))
        }
        return joined
    }

    /// The checksum of two runs of bytes in a row, from the checksum of each.
    ///
    /// A CRC is a remainder modulo a polynomial over GF(2), so the first is multiplied by x^(8 · secondCount).
    package static func combine(_ first: UInt32, _ second: UInt32, secondCount: Int) -> UInt32 {
        precondition(secondCount >= 0, "a run of bytes has 0 or more bytes, not \(secondCount)")
        // Reflected: the highest bit is x⁰.
        var power: UInt32 = 1 << 31
        var square: UInt32 = 1 << 30
        var exponent = 8 * UInt64(secondCount)
        while exponent != 0 {
            if exponent & 1 == 1 { power = product(power, square) }
            square = product(square, square)
            exponent >>= 1
        }
        return product(power, first) ^ second
    }

    /// The product of two reflected polynomials, reduced.
    private static func product(_ first: UInt32, _ second: UInt32) -> UInt32 {
        var sum: UInt32 = 0
        var shifted = second
        var bit: UInt32 = 1 << 31
        while bit != 0 {
            if first & bit != 0 { sum ^= shifted }
            shifted = shifted & 1 == 1 ? (shifted >> 1) ^ polynomial : shifted >> 1
            bit >>= 1
        }
        return sum
    }
}
