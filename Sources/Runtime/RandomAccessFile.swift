private import Foundation

/// A file that is read at any place, by any number of threads, while somebody else may lengthen or shorten it: what is not
/// there any more is an error, where a mapping would end the process.
package final class RandomAccessFile: Sendable {
    package let path: String
    private let descriptor: Int32

    /// - Throws: `FileError.missing` when the path cannot be opened, `.wrongType` for anything but a regular file.
    package init(path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileError(.missing, path: path, "cannot be opened: \(FileSystem.reason())")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileError(.wrongType, path: path, "is not a regular file")
        }
    }

    /// Bytes of the file now.
    package var count: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Reads a range; what lies behind the file's end is left out.
    ///
    /// - Throws: `FileError.read`.
    package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
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

    deinit { close(descriptor) }
}
