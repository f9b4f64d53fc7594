extension Example {
    /// The message's bytes: keys in byte order, numbers packed, so equal examples have equal bytes.
    package func encoded() -> [UInt8] { parts(headroom: 0, tail: 0, ownPart: .max)[0] }

    /// The message in a TFRecord's frame, in parts: a large value, such as an image, is one of its own and not copied.
    func framed() -> [[UInt8]] {
        var parts = parts(
            headroom: RecordFraming.headerBytes, tail: RecordFraming.checksumBytes, ownPart: Self.largeValue)
        RecordFraming.close(&parts)
        return parts
    }

    /// A value of so many bytes is cheaper to hand on than to copy.
    private static let largeValue = 16_384

    /// - Parameters:
    ///   - headroom: zeros in front of the message.
    ///   - tail: bytes behind it that there shall be room for.
    ///   - ownPart: bytes from which on a value is a part of its own.
    /// - Returns: at least one part, the first and the last of which may be written to.
    private func parts(headroom: Int, tail: Int, ownPart: Int) -> [[UInt8]] {
        let entries = features.map { (key: Array($0.key.utf8), feature: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { SizedEntry(key: $0.key, feature: $0.feature) }
        let size = entries.reduce(0) { $0 + WireWriter.delimitedBytes($1.bytes) }
        // What is left for the part that is being written.
        var rest = size + 16 + tail
        for entry in entries { rest -= entry.largeBytes(ownPart) }
        var parts: [[UInt8]] = []
        var writer = WireWriter(capacity: rest, headroom: headroom)
        writer.delimitedHeader(field: ExampleField.features, count: size)
        for entry in entries {
            entry.write(to: &writer, ownPart: ownPart) { writer, value in
                rest -= writer.bytes.count
                parts += [writer.bytes, value]
                writer = WireWriter(capacity: max(tail, rest))
            }
        }
        return parts + [writer.bytes]
    }
}

/// A map entry and the lengths of its nested messages, which stand before their content.
private struct SizedEntry {
    let key: [UInt8]
    let feature: Example.Feature
    /// Bytes of the packed values, without tag and length; for bytes lists, of all their fields.
    let valueBytes: Int
    /// Bytes of the list message.
    let listBytes: Int
    /// Bytes of the feature message.
    let featureBytes: Int
    /// Bytes of the entry message.
    let bytes: Int

    init(key: [UInt8], feature: Example.Feature) {
        self.key = key
        self.feature = feature
        switch feature {
        case .bytes(let values):
            valueBytes = values.reduce(0) { $0 + WireWriter.delimitedBytes($1.count) }
            listBytes = valueBytes
        case .floats(let values):
            valueBytes = 4 * values.count
            listBytes = values.isEmpty ? 0 : WireWriter.delimitedBytes(valueBytes)
        case .integers(let values):
            valueBytes = values.reduce(0) { $0 + WireWriter.varintBytes(UInt64(bitPattern: $1)) }
            listBytes = values.isEmpty ? 0 : WireWriter.delimitedBytes(valueBytes)
        }
        featureBytes = WireWriter.delimitedBytes(listBytes)
        bytes = WireWriter.delimitedBytes(key.count) + WireWriter.delimitedBytes(featureBytes)
    }

    /// Bytes of the values that are parts of their own.
    func largeBytes(_ ownPart: Int) -> Int {
        guard case .bytes(let values) = feature else { return 0 }
        return values.reduce(0) { $0 + ($1.count >= ownPart ? $1.count : 0) }
    }

    /// - Parameters:
    ///   - ownPart: bytes from which on a value is a part of its own.
    ///   - cut: takes the writer, which has all that stands before such a value, and the value.
    func write(to writer: inout WireWriter, ownPart: Int, cut: (inout WireWriter, [UInt8]) -> Void) {
        writer.delimitedHeader(field: ExampleField.entry, count: bytes)
        writer.delimited(field: ExampleField.key, key)
        writer.delimitedHeader(field: ExampleField.value, count: featureBytes)
        switch feature {
        case .bytes(let values):
            writer.delimitedHeader(field: ExampleField.bytesList, count: listBytes)
            for value in values {
                if value.count < ownPart {
                    writer.delimited(field: ExampleField.values, value)
                } else {
                    writer.delimitedHeader(field: ExampleField.values, count: value.count)
                    cut(&writer, value)
                }
            }
        case .floats(let values):
            writer.delimitedHeader(field: ExampleField.floatList, count: listBytes)
            if values.isEmpty { return }
            writer.delimitedHeader(field: ExampleField.values, count: valueBytes)
            for value in values { writer.fixed32(value.bitPattern) }
        case .integers(let values):
            writer.delimitedHeader(field: ExampleField.integerList, count: listBytes)
            if values.isEmpty { return }
            writer.delimitedHeader(field: ExampleField.values, count: valueBytes)
            for value in values { writer.varint(UInt64(bitPattern: value)) }
        }
    }
}
