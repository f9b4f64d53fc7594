private import Foundation

/// Writes a file under a temporary name in the same folder, syncs it, and renames it on ``commit()``.
///
/// A kill at any moment leaves the old file or the new one, never a part. Dropped without a commit, the temporary file
/// is removed.
package final class AtomicFileWriter {
    /// When a committed file is safe from a power cut.
    package enum Durability: Sendable {
        /// Once it is committed.
        case atOnce
        /// Once ``FileSystem/synchronise(_:)`` has been called: for the many files of one set, each of which would otherwise
        /// be waited for.
        case later
    }

    package let path: String
    /// Bytes written so far.
    package private(set) var count = 0
    private let temporaryPath: String
    private let durability: Durability
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 20
    private static let directBytes = 1 << 16

    /// - Throws: `FileError.write` when the folder cannot be written to.
    package init(path: String, durability: Durability = .atOnce) throws(FileError) {
        self.path = path
        self.durability = durability
        let folder = FileSystem.folder(of: path)
        let name = ".\(FileSystem.lastComponent(path)).\(getpid()).tmp"
        temporaryPath = folder.isEmpty ? name : FileSystem.join(folder, name)
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw FileError(.write, path: path, "cannot be created: \(FileSystem.reason())")
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        count += bytes.count
        // Many bytes at once are not copied first.
        if bytes.count >= Self.directBytes {
            try flush()
            try writeThrough(bytes)
            return
        }
        if buffer.count + bytes.count > Self.bufferBytes { try flush() }
        // Many small files need no buffer of this size.
        if !buffer.isEmpty { buffer.reserveCapacity(Self.bufferBytes) }
        buffer.append(contentsOf: bytes)
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withBytes { bytes throws(FileError) in try write(bytes) }
    }

    package func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

    /// Makes the file visible under its name, as durably as was asked for.
    package func commit() throws(FileError) {
        precondition(descriptor >= 0, "commit() called twice on \(path)")
        try flush()
        guard durability == .later || fsync(descriptor) == 0, close(descriptor) == 0 else {
            throw FileError(.write, path: path, "cannot be synced to disk: \(FileSystem.reason())")
        }
        descriptor = -1
        guard rename(temporaryPath, path) == 0 else {
            let error = FileError(.write, path: path, "cannot be renamed into place: \(FileSystem.reason())")
            unlink(temporaryPath)
            throw error
        }
        if durability == .later { return }
        // The folder's entry is synced as well, or a power cut could undo the rename.
        let folder = FileSystem.folder(of: path)
        let folderDescriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folderDescriptor >= 0 {
            fsync(folderDescriptor)
            close(folderDescriptor)
        }
    }

    /// Writes a whole file in one go.
    package static func write(
        _ bytes: [UInt8], to path: String, durability: Durability = .atOnce
    ) throws(FileError) {
        let writer = try AtomicFileWriter(path: path, durability: durability)
        try writer.write(bytes)
        try writer.commit()
    }

    /// Writes a whole text file in one go.
    package static func write(_ text: String, to path: String) throws(FileError) {
        try write(Array(text.utf8), to: path)
    }

    /// Hands what was written to the system, under the temporary name.
    package func flush() throws(FileError) {
        guard !buffer.isEmpty else { return }
        // Written where it is, so that its memory can be used again.
        try buffer.withBytes { bytes throws(FileError) in try writeThrough(bytes) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                throw FileError(.write, path: path, "cannot be written: \(FileSystem.reason())")
            }
            rest = rest.dropFirst(written)
        }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unlink(temporaryPath)
        }
    }
}
