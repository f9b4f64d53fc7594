extension ShardSet {
    /// The size of a record's image in its labels' frame, in pixels, from the record's small values alone: its checksum is
    /// not verified, the image not read.
    ///
    /// - Throws: `ShardError` for what is no record of samdata's.
    package func imageSize(at index: Int) throws(ShardError) -> (height: Int, width: Int) {
        let place = place(of: index)
        return try files[place.shard].withPayload(at: place.record, isVerified: false) { payload throws(ShardError) in
            let view = try ExampleView(payload)
            func side(_ key: String) throws(ShardError) -> Int {
                guard let values = try view.integers(key), values.count == 1, (1...1 << 20).contains(values[0]) else {
                    throw ShardError(.content, "\(key) is no number of pixels")
                }
                return Int(values[0])
            }
            return (try side(ExampleKey.height), try side(ExampleKey.width))
        }
    }
}
