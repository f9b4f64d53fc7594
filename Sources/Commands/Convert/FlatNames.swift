private import Runtime

/// Names for files of several folders that are put into one.
enum FlatNames {
    /// A name for each path, in order: its last part where that is the path's alone, else the whole path with dashes.
    static func names(of paths: [String]) -> [String] {
        let last = paths.map { FileSystem.lastComponent($0) }
        let counts = Dictionary(last.map { ($0.lowercased(), 1) }, uniquingKeysWith: +)
        var taken: Set<String> = []
        return zip(paths, last).map { path, name in
            // Names that differ in case only are one file on some systems.
            let isAlone = counts[name.lowercased()] == 1
            var candidate = isAlone ? name : path.split(separator: "/").joined(separator: "-")
            while !taken.insert(candidate.lowercased()).inserted { candidate = "-" + candidate }
            return candidate
        }
    }
}
