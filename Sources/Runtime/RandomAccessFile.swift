private import Foundation

/// A file that is read at any place, by any number of threads, while somebody else may lengthen or shorten it: what is not
/// there any more is an error, where a mapping would end the process.
package final class RandomAccessFile: Sendable {
    package let path: String
    private let file: OpenedFile

    /// - Throws: `FileError.missing` when the path cannot be opened, `.wrongType` for anything but a regular file.
    package init(path: String) throws(FileError) {
        self.path = path
        file = try OpenedFile(path: path)
    }

    /// Bytes of the file now.
    package var count: Int {
        var status = stat()
        return fstat(file.descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Reads a range; what lies behind the file's end is left out.
    ///
    /// - Throws: `FileError.read`.
    package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        try file.read(range)
    }
}
