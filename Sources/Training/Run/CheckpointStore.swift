internal import Foundation
internal import Runtime

/// The checkpoints of one run: folders `step-00000120`, and the names `last` and `best` that point at two of them.
///
/// A checkpoint is written under a temporary name, synced and renamed; then the name is moved on to it by renaming a
/// symbolic link. A kill at any moment leaves each name on a whole checkpoint, the old or the new one.
package struct CheckpointStore: Sendable {
    /// A name that points at a checkpoint.
    package enum Name: String, Sendable, Hashable, CaseIterable {
        /// The newest checkpoint.
        case last
        /// The checkpoint with the best validation.
        case best
    }

    /// The folder of all checkpoints.
    package let path: String

    package init(path: String) { self.path = path }

    /// The folder that a name points at, or nil while it does not exist.
    package func folder(_ name: Name) -> String? {
        let link = FileSystem.join(path, name.rawValue)
        return FileSystem.isDirectory(link) ? link : nil
    }

    /// Writes a checkpoint and moves `names` on to it; checkpoints that no name points at any more are removed.
    ///
    /// - Parameters:
    ///   - step: optimiser steps that are done.
    ///   - names: what the checkpoint is called from now on.
    ///   - write: writes the checkpoint's files into the folder that it is given.
    package func save(step: Int, as names: [Name], _ write: (_ folder: String) throws -> Void) throws {
        try FileSystem.createDirectory(path)
        removeLeftovers()
        let temporary = FileSystem.join(path, Self.temporaryPrefix + "\(getpid())")
        try FileSystem.createDirectory(temporary)
        do {
            try write(temporary)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
        let folderName = try freeName(step: step)
        let folder = FileSystem.join(path, folderName)
        guard rename(temporary, folder) == 0 else {
            throw FileError(.write, path: folder, "cannot be renamed into place: \(FileSystem.reason())")
        }
        for name in names { try point(name, at: folderName) }
        removeUnnamed()
    }

    /// Moves a name on to a checkpoint's folder.
    func point(_ name: Name, at folderName: String) throws(FileError) {
        let link = FileSystem.join(path, name.rawValue)
        let temporary = FileSystem.join(path, ".\(name.rawValue).\(getpid())\(Self.linkSuffix)")
        unlink(temporary)
        guard symlink(folderName, temporary) == 0, rename(temporary, link) == 0 else {
            throw FileError(.write, path: link, "cannot be pointed at \(folderName): \(FileSystem.reason())")
        }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor >= 0 {
            fsync(descriptor)
            close(descriptor)
        }
    }

    // MARK: Names on disk

    private static let temporaryPrefix = ".checkpoint."
    private static let folderPrefix = "step-"
    /// Of a name's link that is about to be renamed into place.
    private static let linkSuffix = ".tmp"

    /// `step-00000120`, or with a number behind it where that step was written before.
    private func freeName(step: Int) throws(FileError) -> String {
        let digits = String(step)
        let stem = Self.folderPrefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        let taken = Set(try FileSystem.list(path))
        var name = stem
        var number = 1
        while taken.contains(name) {
            number += 1
            name = "\(stem)-\(number)"
        }
        return name
    }

    /// What an earlier process left half-written.
    private func removeLeftovers() {
        for name in (try? FileSystem.list(path)) ?? []
        where name.hasPrefix(Self.temporaryPrefix) || name.hasPrefix(".") && name.hasSuffix(Self.linkSuffix) {
            try? FileManager.default.removeItem(atPath: FileSystem.join(path, name))
        }
    }

    private func removeUnnamed() {
        let named = Set(
            Name.allCases.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: FileSystem.join(path, $0.rawValue))
            })
        for name in (try? FileSystem.list(path)) ?? [] where name.hasPrefix(Self.folderPrefix) {
            if !named.contains(name) { try? FileManager.default.removeItem(atPath: FileSystem.join(path, name)) }
        }
    }
}
