internal import Annotations
internal import Runtime

/// The folder that image files are looked for in.
package final class ImagesFolder: Sendable {
    package let path: String
    /// What a name means that is no file's: the rule of `samdata convert`.
    private let names: ImageNames

    /// Whether names may lead out of it.
    private let allowsOutside: Bool

    /// - Parameter allowsOutside: whether names of files may lead out of it.
    /// - Throws: `AuditError.imagesFolder` when there is no such folder.
    package init(path: String, allowsOutside: Bool = false) throws(AuditError) {
        guard FileSystem.isDirectory(path) else {
            throw AuditError(
                .imagesFolder, FileSystem.exists(path) ? "is not a directory" : "no such directory",
                location: DataLocation(path: path))
        }
        self.path = path
        self.allowsOutside = allowsOutside
        names = ImageNames(directory: path)
    }

    /// Where the file of a name is.
    func place(of name: String) -> ImagePath {
        ImagePath(name, in: path, among: names, allowsOutside: allowsOutside)
    }
}
