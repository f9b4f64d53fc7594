private import Runtime
private import Synchronization

/// Writes one shard and its index; both appear under their names when ``finish()`` returns, and not before.
package final class ShardWriter {
    package let name: ShardFileName
    private let directory: String
    private let file: AtomicFileWriter
    private let digest: SHA256Stream?
    private var index = RecordIndex()
    private var entries: [ShardManifest.Record] = []

    /// - Parameter makesDigest: whether the manifest gets the file's SHA-256. It costs more than all else of writing a
    ///   shard; records have checksums of their own, which are there in any case.
    /// - Throws: `ShardError.write` when the directory cannot be written to.
    package init(directory: String, name: ShardFileName, makesDigest: Bool = true) throws(ShardError) {
        self.directory = directory
        self.name = name
        digest = makesDigest ? SHA256Stream() : nil
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
        try append(contentsOf: records, meanwhile: 0) { _ in }
    }

    /// Adds records in their order, and does something else on the threads that are free.
    ///
    /// - Parameters:
    ///   - count: of the other things.
    ///   - work: does one of them, by its number.
    func append(
        contentsOf records: [EncodedRecord], meanwhile count: Int, _ work: @Sendable (Int) -> Void
    ) throws(ShardError) {
        // Each task touches one of them.
        nonisolated(unsafe) let file = self.file
        nonisolated(unsafe) let digest = self.digest
        let failure = Mutex<FileError?>(nil)
        // What takes longest is begun first.
        let tasks = digest == nil ? 1 : 2
        Workers.forEachChunk(of: tasks + count, grain: 1) { items, _ in
            let item = items.lowerBound
            if item == tasks - 1 {
                do throws(FileError) {
                    for record in records { for part in record.parts { try file.write(part) } }
                } catch {
                    failure.withLock { $0 = error }
                }
            } else if item == 0 {
                for record in records { for part in record.parts { part.withUnsafeBytes { digest?.update($0) } } }
            } else {
                work(item - tasks)
            }
        }
        if let error = failure.withLock({ $0 }) { throw ShardError(error) }
        for record in records {
            index.append(bytes: record.count)
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
            file: name.file, bytes: index.fileBytes, sha256: digest?.finish(), records: entries)
    }
}
