private import Foundation

/// A regular file that is open for reading, and closed with the object.
final class OpenedFile: Sendable {
    let path: String
    let descriptor: Int32
    /// Bytes of the file when it was opened.
    let count: Int

    /// - Throws: `FileError.missing` when the path cannot be opened, `.wrongType` for anything but a regular file.
    init(path: String) throws(FileError) {
        self.path = path
        // Without O_NONBLOCK a pipe of that name would be waited for; regular files do not mind it.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw FileError(.missing, path: path, "cannot be opened: \(FileSystem.reason())")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            count = 0
            throw FileError(.read, path: path, "cannot be examined: \(FileSystem.reason())")
        }
        count = Int(status.st_size)
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw FileError(.wrongType, path: path, "is a directory; a file is wanted here")
        default: throw FileError(.wrongType, path: path, "is not a regular file")
        }
    }

    /// Reads a range; what lies behind the file's end is left out.
    ///
    /// - Throws: `FileError.read`.
    func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count {
                let part = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, range.count - filled,
                    off_t(range.lowerBound + filled))
                if part < 0 && errno == EINTR { continue }
                if part < 0 { failure = errno }
                if part <= 0 { return }
                filled += part
            }
        }
        if failure != 0 {
            throw FileError(.read, path: path, "cannot be read: \(String(cString: strerror(failure)))")
        }
        return bytes
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
