private import Foundation
internal import Runtime

/// Adds records to a TFRecord file that grows, its `.idx` beside it: a kill at any moment leaves whole records, and a part
/// of one at most at the end, which the next one to add drops.
///
/// One process at a time: the file is locked as long as the object lives. Readers need no lock, as records that are there
/// never change.
package final class RecordAppender {
    package let path: String
    /// The records that are there.
    package private(set) var index: RecordIndex
    /// Bytes of a record that an earlier process left unfinished, which were dropped.
    package let droppedBytes: Int
    private let descriptor: Int32
    private let indexDescriptor: Int32

    /// Opens a file, or makes it.
    ///
    /// - Returns: nil when another process adds to it.
    /// - Throws: `ShardError.write` when it cannot be opened or its end not be dropped, `.checksum` when a record's header
    ///   is damaged: what lies behind it is then not known, and nothing is dropped.
    package init?(path: String) throws(ShardError) {
        self.path = path
        let indexPath = RecordIndex.path(of: path)
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure(path, "cannot be opened") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            return nil
        }
        let index: RecordIndex
        let end: Int
        do throws(ShardError) {
            let reader = try Self.reader(path)
            let scan = try RecordScan(reader)
            if let damage = scan.damage, damage.code != .truncated { throw damage }
            (index, end) = (scan.index, reader.count)
            guard ftruncate(file, off_t(index.fileBytes)) == 0, lseek(file, 0, SEEK_END) >= 0 else {
                throw Self.failure(path, "cannot be cut off behind its last whole record")
            }
            // What a kill left of the index says nothing any more.
            try Self.replace(indexPath, with: index.text)
        } catch {
            close(file)
            throw error
        }
        let indexFile = open(indexPath, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard indexFile >= 0 else {
            close(file)
            throw Self.failure(indexPath, "cannot be opened")
        }
        self.index = index
        droppedBytes = end - index.fileBytes
        descriptor = file
        indexDescriptor = indexFile
    }

    /// Adds a record; after a failure the file is as it was before.
    ///
    /// - Returns: where the record is, framing included.
    /// - Throws: `ShardError.write`, as when the disk is full.
    package func append(_ payload: [UInt8]) throws(ShardError) -> Range<Int> {
        let frame = RecordFraming.frame(payload)
        let start = index.fileBytes
        guard Self.write(frame, to: descriptor) else {
            let error = Self.failure(path, "cannot be added to")
            ftruncate(descriptor, off_t(start))
            lseek(descriptor, off_t(start), SEEK_SET)
            throw error
        }
        index.append(bytes: frame.count)
        // The index is for readers who want one: without this line it is only made again.
        _ = Self.write(Array("\(start) \(frame.count)\n".utf8), to: indexDescriptor)
        return start..<index.fileBytes
    }

    deinit {
        fsync(descriptor)
        close(indexDescriptor)
        close(descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }

    private static func reader(_ path: String) throws(ShardError) -> RandomAccessFile {
        do throws(FileError) { return try RandomAccessFile(path: path) } catch { throw ShardError(error) }
    }

    private static func replace(_ path: String, with text: String) throws(ShardError) {
        do throws(FileError) { try AtomicFileWriter.write(text, to: path) } catch { throw ShardError(error) }
    }

    private static func failure(_ path: String, _ message: String) -> ShardError {
        ShardError(.write, "\(message): \(FileSystem.reason())", location: DataLocation(path: path))
    }
}
