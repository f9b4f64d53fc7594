extension RecordFile {
    /// Runs `body` on a record's values without its checksum verified; the first value, which is the image, may be missing
    /// where it is large and far away.
    ///
    /// - Throws: `ShardError` with file, record and offset.
    func withSmallValues<Result>(
        at record: Int, _ body: (ExampleView) throws(ShardError) -> Result
    ) throws(ShardError) -> Result {
        if storage.isRemote, let rest = try valuesBehindFirst(of: record) {
            return try locatingErrors(of: record) { _ throws(ShardError) in
                try rest.withUnsafeBytes { bytes in
                    Swift.Result { () throws(ShardError) in try body(ExampleView(bytes)) }
                }.get()
            }
        }
        return try withPayload(at: record, isVerified: false) { payload throws(ShardError) in
            try body(ExampleView(payload))
        }
    }

    /// An Example of all values but the first; nil when the first is small, or the record's beginning is no Example.
    private func valuesBehindFirst(of record: Int) throws(ShardError) -> [UInt8]? {
        try locatingErrors(of: record) { range throws(ShardError) in
            if range.count < Self.smallRecord { return nil }
            let headEnd = range.lowerBound + Self.headBytes
            let skipped = try storage.withBytes(
                in: range.lowerBound..<headEnd, access: .scattered
            ) { head throws(ShardError) -> Int? in
                try checkLength(header: head, of: range)
                return Self.endOfFirstEntry(
                    UnsafeRawBufferPointer(rebasing: head[RecordFraming.headerBytes...]),
                    payloadBytes: range.count - RecordFraming.overheadBytes)
            }
            guard let skipped, skipped > Self.smallRecord / 2 else { return nil }
            let start = range.lowerBound + RecordFraming.headerBytes + skipped
            return try storage.withBytes(
                in: start..<range.upperBound - 4, access: .scattered
            ) { entries throws(ShardError) in
                var writer = WireWriter(capacity: entries.count + 16)
                writer.delimited(field: ExampleField.features, entries)
                return writer.bytes
            }
        }
    }

    /// A record of fewer bytes is read as a whole.
    private static let smallRecord = 16_384
    private static let headBytes = 64

    /// Where the first entry of the only list of features ends, in the payload.
    private static func endOfFirstEntry(_ head: UnsafeRawBufferPointer, payloadBytes: Int) -> Int? {
        var reader = WireReader(head)
        guard let features = try? reader.field(), features.number == ExampleField.features,
            features.type == .delimited, let length = try? reader.varint(),
            length == UInt64(payloadBytes - reader.offset),
            let entry = try? reader.field(), entry.number == ExampleField.entry, entry.type == .delimited,
            let count = try? reader.varint(), count <= UInt64(payloadBytes - reader.offset)
        else { return nil }
        return reader.offset + Int(count)
    }
}
