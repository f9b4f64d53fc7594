private import Foundation
internal import Runtime
private import Synchronization

/// The folder that image files are looked for in.
package final class ImagesFolder: Sendable {
    package let path: String
    /// Names in the folders below by their folded form, one folder listed at a time and only after a miss.
    private let names = Mutex<[String: [String: String]]>([:])

    /// - Throws: `AuditError.imagesFolder` when there is no such folder.
    package init(path: String) throws(AuditError) {
        guard FileSystem.isDirectory(path) else {
            throw AuditError(
                .imagesFolder, FileSystem.exists(path) ? "is not a directory" : "no such directory",
                location: DataLocation(path: path))
        }
        self.path = path
    }

    func path(of name: String) -> String { FileSystem.join(path, name) }

    /// A file whose name differs in upper and lower case or in the composition of accented letters only.
    func nearMiss(of name: String) -> String? {
        let file = FileSystem.lastComponent(name)
        let directory = String(name.dropLast(file.count))
        let found: String? = names.withLock { names in
            let key = Self.folded(file)
            if let listed = names[directory] { return listed[key] }
            let entries = (try? FileSystem.list(path(of: directory))) ?? []
            let listed = Dictionary(entries.map { (Self.folded($0), $0) }, uniquingKeysWith: { first, _ in first })
            names[directory] = listed
            return listed[key]
        }
        return found.map { directory + $0 }
    }

    private static func folded(_ name: String) -> String { name.precomposedStringWithCanonicalMapping.lowercased() }
}
