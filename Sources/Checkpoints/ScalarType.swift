/// The element type of a stored tensor, spelled as in safetensors headers.
package enum ScalarType: String, Sendable, Hashable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint64 = "U64"
    case uint32 = "U32"
    case uint16 = "U16"
    case uint8 = "U8"
    case bool = "BOOL"

    /// Bytes of one element.
    package var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Converts little-endian elements to float32, rounding to nearest even where float32 is narrower.
    ///
    /// Booleans become 0 and 1 (any byte but 0 is true). Source and destination need no alignment.
    ///
    /// - Parameters:
    ///   - bytes: `destination.count` elements of this type.
    ///   - destination: receives one float an element.
    package func convert(_ bytes: UnsafeRawBufferPointer, to destination: UnsafeMutableBufferPointer<Float>) {
        precondition(
            bytes.count == destination.count * byteCount,
            "\(bytes.count) bytes are not \(destination.count) elements of \(rawValue)")
        switch self {
        case .float32: UnsafeMutableRawBufferPointer(destination).copyMemory(from: bytes)
        case .float64: fill(destination, from: bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
        case .float16: fill(destination, from: bytes, UInt16.self, Self.widen)
        case .bfloat16: fill(destination, from: bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .int64: fill(destination, from: bytes, Int64.self) { Float($0) }
        case .int32: fill(destination, from: bytes, Int32.self) { Float($0) }
        case .int16: fill(destination, from: bytes, Int16.self) { Float($0) }
        case .int8: fill(destination, from: bytes, Int8.self) { Float($0) }
        case .uint64: fill(destination, from: bytes, UInt64.self) { Float($0) }
        case .uint32: fill(destination, from: bytes, UInt32.self) { Float($0) }
        case .uint16: fill(destination, from: bytes, UInt16.self) { Float($0) }
        case .uint8: fill(destination, from: bytes, UInt8.self) { Float($0) }
        case .bool: fill(destination, from: bytes, UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    /// A half-precision number as float32, without the call that every conversion is on processors of the baseline.
    ///
    /// The exponent's bits are moved into place and corrected by a multiplication, which is exact for subnormal numbers
    /// too; infinities and NaNs keep the largest exponent.
    @inline(__always)
    private static func widen(_ half: UInt16) -> Float {
        let magnitude = UInt32(half & 0x7fff) << 13
        let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        let infinity: UInt32 = 0x7c00 << 13
        let bits = magnitude >= infinity ? magnitude | 0x7f80_0000 : scaled
        return Float(bitPattern: bits | UInt32(half & 0x8000) << 16)
    }

    @inline(__always)
    private func fill<Stored: FixedWidthInteger>(
        _ destination: UnsafeMutableBufferPointer<Float>, from bytes: UnsafeRawBufferPointer, _: Stored.Type,
        _ value: (Stored) -> Float
    ) {
        for index in destination.indices {
            let stored = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
            destination[index] = value(Stored(littleEndian: stored))
        }
    }
}
