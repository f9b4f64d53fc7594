private import Runtime

extension Example {
    /// The one bytes value of a key.
    ///
    /// - Throws: `ShardError.content` when the key is absent, of another type, or has no or several values.
    package func oneBytes(_ key: String) throws(ShardError) -> [UInt8] {
        try bytes(key, count: 1)[0]
    }

    /// The one bytes value of a key, as UTF-8 text.
    package func text(_ key: String) throws(ShardError) -> String {
        guard let text = String(validating: try oneBytes(key), as: UTF8.self) else {
            throw failure(key, "is not UTF-8")
        }
        return text
    }

    /// The one integer of a key.
    package func integer(_ key: String) throws(ShardError) -> Int64 {
        try integers(key, count: 1)[0]
    }

    func bytes(_ key: String, count: Int) throws(ShardError) -> [[UInt8]] {
        guard case .bytes(let values) = features[key] else { throw wrongKind(key, "bytes") }
        guard values.count == count else { throw wrongCount(key, values.count, count) }
        return values
    }

    func integers(_ key: String, count: Int) throws(ShardError) -> [Int64] {
        guard case .integers(let values) = features[key] else { throw wrongKind(key, "integers") }
        guard values.count == count else { throw wrongCount(key, values.count, count) }
        return values
    }

    func floats(_ key: String, count: Int) throws(ShardError) -> [Float] {
        guard case .floats(let values) = features[key] else { throw wrongKind(key, "floats") }
        guard values.count == count else { throw wrongCount(key, values.count, count) }
        return values
    }

    private func wrongKind(_ key: String, _ wanted: String) -> ShardError {
        features[key] == nil
            ? failure(key, "is missing; samdata reads shards that samdata wrote")
            : failure(key, "is not a list of \(wanted)")
    }

    private func wrongCount(_ key: String, _ seen: Int, _ wanted: Int) -> ShardError {
        failure(key, "has \(seen) values, not \(wanted)")
    }

    private func failure(_ key: String, _ message: String) -> ShardError {
        ShardError(.content, "\(key) \(message)", location: DataLocation(keyPath: key))
    }
}
