private import Foundation
package import Runtime

/// The files below a folder, in byte order of their paths; hidden ones are passed over, and AppleDouble files noted.
package struct FolderWalk: Sendable {
    /// What `samdata convert` writes about a conversion beside the labels: it is none of them.
    package static let recordName = "conversion.json"
    /// What the names of folders begin with that a conversion keeps in its output until it has ended.
    package static let unfinishedPrefix = ".samdata-resume-"

    /// Folders inside folders, from the root.
    private static let maximumDepth = 32

    /// Paths below the root.
    package private(set) var files: [String] = []
    package private(set) var findings: [LabelFinding] = []
    private let root: String

    /// - Parameter folder: below `root`, where only a part is wanted; paths are relative to `root` nevertheless.
    /// - Throws: `FileError` when the folder cannot be listed.
    package init(root: String, folder: String = "", recursive: Bool = true) throws(FileError) {
        self.root = root
        try walk(folder, above: [], recursive: recursive)
        files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private mutating func walk(_ folder: String, above: [Identity], recursive: Bool) throws(FileError) {
        let full = folder.isEmpty ? root : FileSystem.join(root, folder)
        // A link to a folder above would lead round and round.
        guard let identity = Identity(full), !above.contains(identity), above.count < Self.maximumDepth else { return }
        for name in try FileSystem.list(full) {
            if name == Self.recordName { continue }
            let path = FileSystem.join(folder, name)
            if name.hasPrefix(".") {
                if name.hasPrefix("._") {
                    findings.append(
                        LabelFinding(
                            Finding(
                                rule: LabelRule.appleDouble, severity: .note,
                                location: DataLocation(path: FileSystem.join(root, path)),
                                message: "holds file attributes of macOS; it is ignored")))
                }
                continue
            }
            guard FileSystem.isDirectory(FileSystem.join(root, path)) else {
                files.append(path)
                continue
            }
            if recursive { try walk(path, above: above + [identity], recursive: true) }
        }
    }

    /// What makes a folder the same one, whatever path leads to it.
    private struct Identity: Equatable {
        let device: UInt64
        let number: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    /// Files with one of some endings, compared in lower case and without the dot.
    package func files(endingIn endings: Set<String>) -> [String] {
        files.filter { endings.contains(Self.ending($0)) }
    }

    /// Endings of image files that can be decoded.
    package static let imageEndings: Set<String> = ["png", "jpg", "jpeg", "tif", "tiff"]

    /// The ending of a name in lower case, without the dot.
    package static func ending(_ path: String) -> String { FileSystem.ending(of: path).lowercased() }

    /// The path without its ending.
    package static func stem(_ path: String) -> String { FileSystem.stem(of: path) }
}
