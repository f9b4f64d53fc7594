private import Foundation
internal import Runtime
internal import Shards

/// The directory that a conversion writes into, and what an earlier one has left there.
package struct OutputDirectory: Sendable {
    let path: String

    package init(path: String) { self.path = path }

    /// - Throws: `PipelineError.outputExists` when it holds anything and `policy` is to refuse.
    func check(_ policy: ConversionOptions.ExistingOutput) throws {
        guard FileSystem.exists(path) else { return }
        guard FileSystem.isDirectory(path) else {
            throw PipelineError(
                .outputExists, "the output is a file; a directory is wanted", location: DataLocation(path: path))
        }
        guard policy == .refuse, let first = try FileSystem.list(path).first else { return }
        throw PipelineError(
            .outputExists,
            "the output directory is not empty (it holds \(first)); --force replaces its shards, --resume goes on with them",
            location: DataLocation(path: path))
    }

    /// Makes the directory and those of the parts.
    func create(_ parts: [ShardLayout.Part]) throws {
        for directory in [path] + parts.map(\.directory) { try FileSystem.createDirectory(directory) }
    }

    /// What is in the directory; nil where there is none.
    func names() throws -> Set<String>? { FileSystem.exists(path) ? Set(try FileSystem.list(path)) : nil }

    /// Removes what a conversion has written that came to nothing: all that was not there before.
    ///
    /// - Parameter before: what was in the directory; nil where there was none.
    func removeFailure(before: Set<String>?) throws {
        guard let before else { return try remove(path) }
        for name in try FileSystem.list(path) where !before.contains(name) { try remove(FileSystem.join(path, name)) }
    }

    /// Removes what a killed writer left under a temporary name.
    ///
    /// - Parameter ofAnyName: whether any file may have been on its way, in any folder below; otherwise shards only.
    package func removeTemporaryFiles(ofAnyName: Bool = false) throws {
        guard FileSystem.exists(path) else { return }
        if ofAnyName { return try removeTemporaryFiles(below: path) }
        for directory in try directories() {
            for name in try FileSystem.list(directory) where Self.isTemporary(name) {
                try remove(FileSystem.join(directory, name))
            }
        }
    }

    /// Removes what a killed writer of one COCO file left beside it: the file on its way, and the lists that wait for it.
    package static func removeTemporaryFiles(of file: String) throws {
        let folder = FileSystem.folder(of: file)
        let directory = OutputDirectory(path: folder.isEmpty ? "." : folder)
        guard FileSystem.isDirectory(directory.path) else { return }
        let own = ["", ".images.part", ".annotations.part"].map { FileSystem.lastComponent(file) + $0 }
        for name in try FileSystem.list(directory.path) where temporaryStem(name).map(own.contains) ?? false {
            try directory.remove(FileSystem.join(directory.path, name))
        }
    }

    private func removeTemporaryFiles(below directory: String) throws {
        for name in try FileSystem.list(directory) {
            let place = FileSystem.join(directory, name)
            if FileSystem.isDirectory(place), !Self.isLink(place) {
                try removeTemporaryFiles(below: place)
            } else if Self.temporaryStem(name) != nil {
                try remove(place)
            }
        }
    }

    /// The directory and its folders that are not hidden.
    func directories() throws -> [String] {
        let below = try FileSystem.list(path).filter { !$0.hasPrefix(".") }.map { FileSystem.join(path, $0) }
        return [path] + below.filter { FileSystem.isDirectory($0) && !Self.isLink($0) }
    }

    func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw PipelineError(
                .write, "cannot be removed: \(error.localizedDescription)", location: DataLocation(path: path))
        }
    }

    /// NAME of `.NAME.PID.tmp`, as ``AtomicFileWriter`` names its unfinished files.
    private static func temporaryStem(_ name: String) -> String? {
        let parts = name.split(separator: ".")
        guard name.hasPrefix("."), parts.count >= 3, parts[parts.count - 1] == "tmp", Int(parts[parts.count - 2]) != nil
        else { return nil }
        return parts.dropLast(2).joined(separator: ".")
    }

    /// Whether a conversion into shards was on its way to write a file of this name.
    static func isTemporary(_ name: String) -> Bool {
        guard let written = temporaryStem(name) else { return false }
        let stem = written.hasSuffix(".idx") ? written.dropLast(4) + ".tfrecord" : written[...]
        return ShardFileName(String(stem)) != nil || written == ShardManifest.fileName || written == SplitFile.name
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}
