internal import Annotations
internal import Runtime

/// The folder that image files are looked for in.
package final class ImagesFolder: Sendable {
    package let path: String
    /// What a name means that is no file's: the rule of `samdata convert`.
    let names: ImageNames

    /// - Throws: `AuditError.imagesFolder` when there is no such folder.
    package init(path: String) throws(AuditError) {
        guard FileSystem.isDirectory(path) else {
            throw AuditError(
                .imagesFolder, FileSystem.exists(path) ? "is not a directory" : "no such directory",
                location: DataLocation(path: path))
        }
        self.path = path
        names = ImageNames(directory: path)
    }

    func path(of name: String) -> String { FileSystem.join(path, name) }
}
