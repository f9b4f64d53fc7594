private import Foundation

/// Small file operations with errors that name the path and the reason.
package enum FileSystem {
    /// The reason of the last failed system call, in words.
    package static func reason() -> String { String(cString: strerror(errno)) }

    /// All bytes of a regular file.
    ///
    /// Read, not mapped: for files of a few kilobytes the page faults of a mapping, and its end on all threads, take
    /// longer than the copy.
    ///
    /// - Throws: as ``MappedFile/init(path:access:)``.
    package static func read(_ path: String) throws(FileError) -> [UInt8] {
        let file = try OpenedFile(path: path)
        return try file.read(0..<file.count)
    }

    /// All bytes of a regular file, or of a pipe such as a shell's `<(command)`, up to a limit.
    ///
    /// - Returns: one byte more than `limit` where there are more.
    /// - Throws: `FileError.missing` when the path cannot be opened, `.wrongType` for a directory or a device, `.read`.
    package static func read(_ path: String, upTo limit: Int) throws(FileError) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
            let file = try OpenedFile(path: path)
            return try file.read(0..<min(file.count, limit + 1))
        }
        guard let pipe = FileHandle(forReadingAtPath: path) else {
            throw FileError(.missing, path: path, "cannot be opened: \(reason())")
        }
        var bytes: [UInt8] = []
        do {
            while bytes.count <= limit, let part = try pipe.read(upToCount: limit + 1 - bytes.count), !part.isEmpty {
                bytes += part
            }
        } catch {
            throw FileError(.read, path: path, "cannot be read: \(error.localizedDescription)")
        }
        return bytes
    }

    /// Creates a directory and its parents; an existing one is fine.
    package static func createDirectory(_ path: String) throws(FileError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FileError(.write, path: path, "directory cannot be made: \(error.localizedDescription)")
        }
    }

    package static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Names in a directory, in byte order, so that every machine sees the same order.
    package static func list(_ path: String) throws(FileError) -> [String] {
        guard exists(path) else { throw FileError(.missing, path: path, "no such directory") }
        guard isDirectory(path) else { throw FileError(.wrongType, path: path, "is not a directory") }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw FileError(.read, path: path, "cannot be listed: \(error.localizedDescription)")
        }
    }

    /// Joins two path parts; an absolute second part stands for itself.
    package static func join(_ directory: String, _ name: String) -> String {
        if directory.isEmpty || name.hasPrefix("/") { return name }
        return directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }
}
