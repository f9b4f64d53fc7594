extension Example {
    /// The message's bytes: keys in byte order, numbers packed, so equal examples have equal bytes.
    package func encoded() -> [UInt8] { encoded(headroom: 0, tail: 0) }

    /// The message in a TFRecord's frame, put together in place: an image's bytes are copied once.
    func framed() -> [UInt8] {
        var bytes = encoded(headroom: RecordFraming.headerBytes, tail: RecordFraming.overheadBytes)
        RecordFraming.close(&bytes)
        return bytes
    }

    /// - Parameters:
    ///   - headroom: zeros in front of the message.
    ///   - tail: bytes behind it that there shall be room for.
    private func encoded(headroom: Int, tail: Int) -> [UInt8] {
        let entries = features.map { (key: Array($0.key.utf8), feature: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { SizedEntry(key: $0.key, feature: $0.feature) }
        let size = entries.reduce(0) { $0 + WireWriter.delimitedBytes($1.bytes) }
        var writer = WireWriter(capacity: size + 16 + tail, headroom: headroom)
        writer.delimitedHeader(field: ExampleField.features, count: size)
        for entry in entries { entry.write(to: &writer) }
        return writer.bytes
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

    func write(to writer: inout WireWriter) {
        writer.delimitedHeader(field: ExampleField.entry, count: bytes)
        writer.delimited(field: ExampleField.key, key)
        writer.delimitedHeader(field: ExampleField.value, count: featureBytes)
        switch feature {
        case .bytes(let values):
            writer.delimitedHeader(field: ExampleField.bytesList, count: listBytes)
            for value in values { writer.delimited(field: ExampleField.values, value) }
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
