private import Foundation
internal import JSONText
internal import Runtime

/// `.samdata-files`: the files of a set that a conversion has written into its output, a JSON string in each line, below the
/// output. The next conversion into it takes away those that it does not write again; other files are nobody's but the
/// user's.
struct FileList {
    static let fileName = ".samdata-files"

    private let root: String
    private let file: AtomicFileWriter
    /// Files of the conversion before that this one has not written.
    private var stale: Set<String>
    /// Files of this one, where there may be others beside them.
    private var written: Set<String>?

    /// - Parameters:
    ///   - output: a directory.
    ///   - replaces: whether there may be files that no list names.
    init(output: String, replaces: Bool) throws {
        root = output
        stale = try Self.read(output)
        written = replaces ? [] : nil
        file = try AtomicFileWriter(path: FileSystem.join(output, Self.fileName))
    }

    /// Adds a file that was written.
    mutating func add(_ name: String, in directory: String) throws {
        let full = FileSystem.join(directory, name)
        let path = full.hasPrefix(root + "/") ? String(full.dropFirst(root.count + 1)) : full
        stale.remove(path)
        written?.insert(path)
        try file.write(JSONValue.string(path).text() + "\n")
    }

    /// Removes what the conversion before has left, and keeps the list of this one.
    ///
    /// - Parameter input: what was converted: where it lies in the output itself, nothing is taken away.
    /// - Returns: files that nobody has listed.
    mutating func finish(input: String) throws -> [String] {
        if !FileSystem.isInside(input, root) {
            try Self.remove(stale, below: root)
            stale = []
        }
        let others = try written.map { try Self.visibleFiles(in: root, besides: $0) } ?? []
        for path in stale.sorted() { try file.write(JSONValue.string(path).text() + "\n") }
        try file.commit()
        // What a killed conversion had listed is dealt with.
        for name in try Self.names(in: root) where name != Self.fileName { unlink(FileSystem.join(root, name)) }
        return others
    }

    /// Removes the files of a conversion into another format, and their list.
    ///
    /// - Parameter input: as in ``finish(input:)``.
    static func removeAll(in output: String, input: String) throws {
        let path = FileSystem.join(output, fileName)
        guard FileSystem.exists(path), !FileSystem.isInside(input, output) else { return }
        try remove(try read(output), below: output)
        unlink(path)
    }

    /// The names of a list, and of those on their way.
    private static func names(in output: String) throws -> [String] {
        try FileSystem.list(output).filter {
            $0 == fileName || $0.hasPrefix(".\(fileName).") && $0.hasSuffix(".tmp")
        }
    }

    /// The paths of a list, or of one that was on its way when its conversion was killed.
    private static func read(_ output: String) throws -> Set<String> {
        var paths: Set<String> = []
        for name in try names(in: output) {
            let text = String(decoding: try FileSystem.read(FileSystem.join(output, name)), as: UTF8.self)
            for line in text.split(separator: "\n") {
                guard let path = (try? JSONDocument.parse(String(line)))?.string else { continue }
                paths.insert(path)
            }
        }
        return paths
    }

    /// Removes files, and the folders that are empty then; what does not lie below the output is left alone.
    private static func remove(_ paths: Set<String>, below root: String) throws {
        var folders: Set<String> = []
        for path in paths {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard !path.isEmpty, !parts.contains(""), !parts.contains(".."), !parts.contains(".") else { continue }
            let full = FileSystem.join(root, path)
            guard FileSystem.isInside(FileSystem.folder(of: full), root), unlink(full) == 0 else { continue }
            for depth in 1..<max(1, parts.count) { folders.insert(parts.prefix(depth).joined(separator: "/")) }
        }
        // The deepest first; one that is not empty stays.
        for folder in folders.sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(FileSystem.join(root, folder)) }
    }

    /// Files below a directory that are not hidden and not in a set.
    private static func visibleFiles(in root: String, besides known: Set<String>) throws -> [String] {
        var found: [String] = []
        var folders = [""]
        while let folder = folders.popLast() {
            for name in try FileSystem.list(FileSystem.join(root, folder)) where !name.hasPrefix(".") {
                let path = folder.isEmpty ? name : folder + "/" + name
                let full = FileSystem.join(root, path)
                var status = stat()
                guard lstat(full, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    folders.append(path)
                } else if !known.contains(path) {
                    found.append(path)
                }
            }
        }
        return found
    }
}
