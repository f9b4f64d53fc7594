internal import Foundation
internal import Runtime

/// A file that grows by whole records: each is written with one system call, so that a kill leaves whole records.
final class AppendedFile {
    let path: String
    /// Bytes in the file.
    private(set) var count: Int
    private let descriptor: Int32

    /// Opens a file for appending, and makes it where it does not exist.
    ///
    /// - Throws: `FileError.write` when it cannot be opened.
    init(path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw FileError(.write, path: path, "cannot be opened: \(FileSystem.reason())")
        }
        count = max(0, Int(lseek(descriptor, 0, SEEK_END)))
    }

    /// - Throws: `FileError.write`, for example when the disk is full; the file ends then with its last whole record.
    func append(_ bytes: [UInt8]) throws(FileError) {
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count else {
            let error = FileError(.write, path: path, "cannot be written: \(FileSystem.reason())")
            ftruncate(descriptor, off_t(count))
            throw error
        }
        count += written
    }

    /// Cuts a file off behind its first bytes.
    static func truncate(_ path: String, to count: Int) throws(FileError) {
        guard Foundation.truncate(path, off_t(count)) == 0 else {
            throw FileError(.write, path: path, "cannot be shortened: \(FileSystem.reason())")
        }
    }

    deinit { close(descriptor) }
}
