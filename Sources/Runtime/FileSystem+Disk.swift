private import Foundation

extension FileSystem {
    /// Bytes that may still be written to the disk of a path, or nil where the system does not say.
    ///
    /// - Parameter path: need not exist yet; the nearest folder above it that does is asked.
    package static func freeBytes(at path: String) -> Int? {
        var place = path.isEmpty ? "." : path
        while !exists(place) {
            let parent = FileSystem.folder(of: place)
            if parent == place { return nil }
            place = parent.isEmpty ? "." : parent
        }
        var status = statvfs()
        guard statvfs(place, &status) == 0 else { return nil }
        return Int(clamping: status.f_bavail.multipliedReportingOverflow(by: UInt(status.f_frsize)).partialValue)
    }

    /// Waits until everything that was written to the disk of a path is safe from a power cut.
    ///
    /// - Throws: `FileError.write` when the disk has lost something.
    package static func synchronise(_ path: String) throws(FileError) {
        let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileError(.write, path: path, "cannot be opened to be synced: \(reason())")
        }
        defer { close(descriptor) }
        guard let syncfs else {
            sync()
            return
        }
        guard syncfs(descriptor) == 0 else {
            throw FileError(.write, path: path, "cannot be synced to disk: \(reason())")
        }
    }

    /// The C library's, which Swift's module of it leaves out; nil where there is none, and all disks are synced instead.
    private static var syncfs: (@convention(c) (Int32) -> Int32)? {
        dlsym(nil, "syncfs").map { unsafeBitCast($0, to: (@convention(c) (Int32) -> Int32).self) }
    }
}
