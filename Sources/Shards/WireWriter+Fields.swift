extension WireWriter {
    /// A number without fraction; negative ones take ten bytes, as protobuf's `int32` and `int64` do.
    package mutating func integer(field: UInt8, _ value: Int) {
        tag(field, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// A `double`.
    package mutating func double(field: UInt8, _ value: Double) {
        tag(field, .fixed64)
        fixed64(value.bitPattern)
    }

    /// A `float`.
    package mutating func float(field: UInt8, _ value: Float) {
        tag(field, .fixed32)
        fixed32(value.bitPattern)
    }

    /// A `string`.
    package mutating func text(field: UInt8, _ value: String) { delimited(field: field, Array(value.utf8)) }

    /// `bytes`.
    package mutating func data(field: UInt8, _ value: [UInt8]) { delimited(field: field, value) }

    /// A nested message, whose fields `write` writes.
    package mutating func message(field: UInt8, _ write: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        write(&inner)
        delimited(field: field, inner.bytes)
    }
}
