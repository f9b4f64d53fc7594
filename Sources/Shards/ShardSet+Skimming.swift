extension ShardSet {
    /// The size of a record's image in its labels' frame, in pixels, from the record's small values alone: its checksum is
    /// not verified, the image not read.
    ///
    /// - Throws: `ShardError` for what is no record of samdata's.
    package func imageSize(at index: Int) throws(ShardError) -> (height: Int, width: Int) {
        let place = place(of: index)
        return try files[place.shard].withSmallValues(at: place.record) { view throws(ShardError) in
            func side(_ key: String) throws(ShardError) -> Int {
                guard let values = try view.integers(key), values.count == 1, (1...1 << 20).contains(values[0]) else {
                    throw ShardError(.content, "\(key) is no number of pixels")
                }
                return Int(values[0])
            }
            return (try side(ExampleKey.height), try side(ExampleKey.width))
        }
    }

    /// The name of a record's image file, from the record's small values alone, as ``imageSize(at:)``.
    ///
    /// - Throws: `ShardError` for what is no record of samdata's.
    package func fileName(at index: Int) throws(ShardError) -> String {
        let place = place(of: index)
        return try files[place.shard].withSmallValues(at: place.record) { view throws(ShardError) in
            guard let name = try view.text(ExampleKey.fileName) else {
                throw ShardError(.content, "\(ExampleKey.fileName) is no text")
            }
            return name
        }
    }

    /// What the labels say of a record's image and objects besides (``ShardSample/members``), from the record's small values
    /// alone, as ``imageSize(at:)``.
    ///
    /// - Throws: `ShardError` for what is no record of samdata's.
    package func members(at index: Int) throws(ShardError) -> [UInt8] {
        let place = place(of: index)
        return try files[place.shard].withSmallValues(at: place.record) { view throws(ShardError) in
            // Records of earlier versions have no such key.
            guard let values = try view.bytes(ExampleKey.members), let text = values.first else {
                return ShardSample.noMembers
            }
            return [UInt8](text)
        }
    }

    /// The number of bytes of a record's image file, from the record's small values alone, as ``imageSize(at:)``.
    ///
    /// - Throws: `ShardError` for what is no record.
    package func encodedImageBytes(at index: Int) throws(ShardError) -> Int? {
        let place = place(of: index)
        return try files[place.shard].encodedImageBytes(at: place.record)
    }
}

extension RecordFile {
    /// The number of bytes of a record's image file; nil where it has none. Checksum and image are not read.
    ///
    /// - Throws: `ShardError` for what is no record.
    package func encodedImageBytes(at record: Int) throws(ShardError) -> Int? {
        try withPayload(at: record, isVerified: false) { payload throws(ShardError) in
            try ExampleView(payload).bytes(ExampleKey.encoded)?.first?.count
        }
    }
}
