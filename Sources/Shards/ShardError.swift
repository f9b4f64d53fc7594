package import Runtime

/// A failed operation on a shard, its index or its manifest.
package struct ShardError: OperationError {
    /// The stable names of shard failures.
    package struct Code: Sendable, Hashable {
        package let name: String
        package let kind: FailureKind

        /// The shard, index, manifest or directory does not exist or cannot be opened.
        package static let missing = Code(name: "shard.missing", kind: .inputMissing)
        /// The file ends inside a record, or is shorter than its manifest says.
        package static let truncated = Code(name: "shard.truncated", kind: .badInput)
        /// A checksum does not match: the bytes were changed after they were written.
        package static let checksum = Code(name: "shard.crc", kind: .badInput)
        /// A record's payload is not a well-formed `tf.train.Example`.
        package static let example = Code(name: "shard.example", kind: .badInput)
        /// The Example lacks a key, or a key's values are not what samdata writes.
        package static let content = Code(name: "shard.content", kind: .badInput)
        /// The `.idx` beside the shard does not fit it.
        package static let index = Code(name: "shard.index", kind: .badInput)
        /// `manifest.json` is not a manifest, or does not fit the shards beside it.
        package static let manifest = Code(name: "shard.manifest", kind: .badInput)
        /// Reading failed after the file was opened.
        package static let read = Code(name: "shard.read", kind: .inputOutput)
        /// The server of a shard did not answer, or not with what was asked for.
        package static let remote = Code(name: "shard.remote", kind: .inputOutput)
        /// The shard on the server is not the one that the manifest describes, or was changed while it was read.
        package static let changed = Code(name: "shard.changed", kind: .inputOutput)
        /// Writing, syncing or renaming failed.
        package static let write = Code(name: "shard.write", kind: .inputOutput)
    }

    package var code: Code
    package var message: String
    package var location: DataLocation?
    package var cause: (any Error)?

    package var codeName: String { code.name }
    package var kind: FailureKind { code.kind }

    package init(
        _ code: Code, _ message: String, location: DataLocation? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
    }

    /// A failed file operation, seen from here.
    package init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .missing, .wrongType: .missing
            case .read: .read
            default: .write
            }
        self.init(code, error.message, location: error.location)
    }

    /// A failed request, seen from here.
    init(_ error: HTTPError, at url: String) {
        let code: Code =
            switch error.code {
            case .missing: .missing
            case .changed: .changed
            case .address, .unreachable, .timeout, .garbage, .refused, .ranges: .remote
            }
        self.init(code, error.message, location: DataLocation(path: url))
    }

    /// The same error, placed in a record of a file.
    ///
    /// - Parameters:
    ///   - recordOffset: where the record's frame starts; a byte offset that the error has already counts from the
    ///     payload, twelve bytes later.
    func located(path: String, record: Int, recordOffset: Int) -> ShardError {
        var error = self
        let inPayload = location?.byteOffset.map { $0 + RecordFraming.headerBytes } ?? 0
        error.location = DataLocation(
            path: path, byteOffset: recordOffset + inPayload, record: record, imageID: location?.imageID,
            keyPath: location?.keyPath)
        return error
    }
}
