private import Foundation

extension FileSystem {
    /// The absolute path without symbolic links; nil where nothing is there.
    package static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// Whether two paths lead to the same file or folder, which is there.
    package static func isSame(_ first: String, _ second: String) -> Bool {
        guard let first = resolved(first) else { return false }
        return first == resolved(second)
    }

    /// Whether a file or folder that is there lies in a folder, or is the folder itself, whatever links lead to it.
    package static func isInside(_ path: String, _ folder: String) -> Bool {
        guard let path = resolved(path), let folder = resolved(folder) else { return false }
        return path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }
}
