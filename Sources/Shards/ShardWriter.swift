private import Runtime
private import Synchronization

/// Writes one shard and its index; both appear under their names when ``finish()`` returns, and not before.
package final class ShardWriter {
    package let name: ShardFileName
    private let directory: String
    private let file: AtomicFileWriter
    private let digest = SHA256Stream()
    private var index = RecordIndex()
    private var entries: [ShardManifest.Record] = []

    /// - Throws: `ShardError.write` when the directory cannot be written to.
    package init(directory: String, name: ShardFileName) throws(ShardError) {
        self.directory = directory
        self.name = name
        do throws(FileError) {
            file = try AtomicFileWriter(path: FileSystem.join(directory, name.file))
        } catch {
            throw ShardError(error)
        }
    }

    /// Adds a record.
    package func append(_ record: EncodedRecord) throws(ShardError) { try append(contentsOf: [record]) }

    /// Adds records in their order; the digest is made while the file takes the bytes, where there are two threads.
    package func append(contentsOf records: [EncodedRecord]) throws(ShardError) {
        // The two parts touch one of them each.
        nonisolated(unsafe) let file = self.file
        nonisolated(unsafe) let digest = self.digest
        let failure = Mutex<FileError?>(nil)
        Workers.forEachChunk(of: 2, grain: 1) { part, _ in
            if part.lowerBound == 0 {
                do throws(FileError) {
                    for record in records { try file.write(record.frame) }
                } catch {
                    failure.withLock { $0 = error }
                }
            } else {
                for record in records { record.frame.withUnsafeBytes { digest.update($0) } }
            }
        }
        if let error = failure.withLock({ $0 }) { throw ShardError(error) }
        for record in records {
            index.append(bytes: record.frame.count)
            entries.append(record.entry)
        }
    }

    /// Makes shard and index visible, durably, and returns the shard's part of the manifest.
    package func finish() throws(ShardError) -> ShardManifest.Shard {
        do throws(FileError) {
            try file.commit()
            try AtomicFileWriter.write(index.text, to: FileSystem.join(directory, name.indexFile))
        } catch {
            throw ShardError(error)
        }
        return ShardManifest.Shard(
            file: name.file, bytes: index.fileBytes, sha256: digest.finish(), records: entries)
    }
}
