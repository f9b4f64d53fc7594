private import Foundation
internal import JSONText
internal import Runtime

/// `.samdata-files`: the files of a set that a conversion has written into its output, a JSON string in each line, by their
/// paths below the output. The next conversion into it takes away those that it does not write again; other files are
/// nobody's but the user's.
struct FileList {
    static let fileName = ".samdata-files"

    /// What conversions before have left in an output, taken down before this one changes anything.
    struct Earlier {
        /// Paths below the output, by their bytes: names that differ in how letters are composed alone are two files.
        fileprivate let paths: Set<[UInt8]>
        /// Whether this conversion reads anything that lies in the output: then nothing is taken away, and nothing listed.
        fileprivate let isRead: Bool
        /// When this conversion began. What was written since is its own.
        fileprivate let start: Date

        /// - Parameter reads: files and folders that the conversion reads.
        init(output: String, reads: [String]) throws {
            start = Date()
            isRead = reads.contains { FileSystem.isInside($0, output) }
            paths = FileSystem.exists(output) ? try FileList.read(output) : []
        }
    }

    private let root: String
    private let earlier: Earlier
    private let file: AtomicFileWriter
    /// Files of the conversion before that this one has not written.
    private var stale: Set<[UInt8]>
    /// Files of this one, where there may be others beside them.
    private var written: Set<[UInt8]>?

    /// - Parameters:
    ///   - output: a directory.
    ///   - replaces: whether there may be files that no list names.
    init(output: String, earlier: Earlier, replaces: Bool) throws {
        root = output
        self.earlier = earlier
        stale = earlier.paths
        written = replaces && !earlier.isRead ? [] : nil
        file = try AtomicFileWriter(path: FileSystem.join(output, Self.fileName))
    }

    /// Adds a file that was written.
    ///
    /// - Parameter folder: below the output; empty for the output itself.
    mutating func add(_ name: String, in folder: String) throws {
        if earlier.isRead { return }
        let path = FileSystem.join(folder, name)
        stale.remove(Array(path.utf8))
        written?.insert(Array(path.utf8))
        try file.write(Self.line(path))
    }

    /// Hands the list to the system, so that a conversion that is killed leaves it.
    func flush() throws { try file.flush() }

    /// Removes what the conversion before has left, and keeps the list of this one.
    ///
    /// - Returns: files that nobody has listed.
    mutating func finish() throws -> [String] {
        if !earlier.isRead {
            try Self.remove(stale, below: root, before: earlier.start)
            stale = []
        }
        let others = try written.map { try Self.visibleFiles(in: root, besides: $0) } ?? []
        for path in stale.map({ String(decoding: $0, as: UTF8.self) }).sorted() { try file.write(Self.line(path)) }
        try file.commit()
        try Self.removeLists(in: root, besides: Self.fileName)
        return others
    }

    /// Removes the files of a conversion into another format, and their list.
    ///
    /// - Parameter written: those that this conversion has written as well.
    static func removeAll(in output: String, _ earlier: Earlier, besides written: [String]) throws {
        if earlier.isRead { return }
        try remove(earlier.paths.subtracting(written.map { Array($0.utf8) }), below: output, before: earlier.start)
        try removeLists(in: output, besides: nil)
    }

    private static func line(_ path: String) -> String { JSONValue.string(path).text() + "\n" }

    private static func removeLists(in output: String, besides kept: String?) throws {
        for name in try names(in: output) where name != kept { unlink(FileSystem.join(output, name)) }
    }

    /// The names of a list, and of those on their way.
    private static func names(in output: String) throws -> [String] {
        try FileSystem.list(output).filter {
            $0 == fileName || $0.hasPrefix(".\(fileName).") && $0.hasSuffix(".tmp")
        }
    }

    /// The paths of a list, and of one that was on its way when its conversion was killed.
    private static func read(_ output: String) throws -> Set<[UInt8]> {
        var paths: Set<[UInt8]> = []
        for name in try names(in: output) {
            let text = String(decoding: try FileSystem.read(FileSystem.join(output, name)), as: UTF8.self)
            for line in text.split(separator: "\n") {
                guard let path = (try? JSONDocument.parse(String(line)))?.string else { continue }
                paths.insert(Array(path.utf8))
            }
        }
        return paths
    }

    /// Removes files, and the folders that are empty then; what does not lie below the output, or is newer, is left alone.
    private static func remove(_ paths: Set<[UInt8]>, below root: String, before start: Date) throws {
        var folders: Set<String> = []
        for path in paths.map({ String(decoding: $0, as: UTF8.self) }) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard !path.isEmpty, !parts.contains(""), !parts.contains(".."), !parts.contains(".") else { continue }
            let full = FileSystem.join(root, path)
            var status = stat()
            guard FileSystem.isInside(FileSystem.folder(of: full), root), lstat(full, &status) == 0 else { continue }
            let modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
            guard modified < start.timeIntervalSince1970, unlink(full) == 0 else { continue }
            for depth in 1..<max(1, parts.count) { folders.insert(parts.prefix(depth).joined(separator: "/")) }
        }
        // The deepest first; one that is not empty stays.
        for folder in folders.sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(FileSystem.join(root, folder)) }
    }

    /// Files below a directory that are not hidden and not in a set.
    private static func visibleFiles(in root: String, besides known: Set<[UInt8]>) throws -> [String] {
        var found: [String] = []
        var folders = [""]
        while let folder = folders.popLast() {
            for name in try FileSystem.list(FileSystem.join(root, folder)) where !name.hasPrefix(".") {
                let path = FileSystem.join(folder, name)
                var status = stat()
                guard lstat(FileSystem.join(root, path), &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    folders.append(path)
                } else if !known.contains(Array(path.utf8)) {
                    found.append(path)
                }
            }
        }
        return found.sorted()
    }
}
