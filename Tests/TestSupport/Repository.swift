private import Foundation

/// Places that tests read from.
package enum Repository {
    /// The project's top folder.
    package static let root: String = {
        var path = #filePath as NSString
        for _ in 0..<3 { path = path.deletingLastPathComponent as NSString }
        return path as String
    }()

    /// A committed fixture, by its path below `Tests/Fixtures`.
    package static func fixture(_ path: String) -> String { root + "/Tests/Fixtures/" + path }

    /// Real data outside the project, or nil when this machine has none; tests that want it are then skipped.
    package static func sharedData(_ path: String) -> String? {
        let full = root + "/../shared/data/" + path
        return FileManager.default.fileExists(atPath: full) ? full : nil
    }
}
