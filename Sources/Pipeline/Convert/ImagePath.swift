internal import Annotations
private import Runtime

/// Where an image's file is, by its name in the labels.
struct ImagePath {
    let path: String
    /// What is odd about the name; nil for a plain path below the images' directory.
    let oddity: String?
    /// The rule of what is odd.
    let rule: String

    /// - Parameters:
    ///   - directory: the one that names are relative to.
    ///   - names: of the files in it, for names that differ from the file's in upper and lower case; nil takes names as they
    ///     are.
    init(_ name: String, in directory: String, among names: ImageNames? = nil) {
        let asWritten = FileSystem.join(directory, name)
        let parts = name.split { $0 == "/" || $0 == "\\" }
        // A tool on Windows wrote them, unless a file here has just that name.
        if name.contains("\\"), !FileSystem.exists(asWritten) {
            path = FileSystem.join(directory, parts.joined(separator: "/"))
            oddity = "has backslashes, which are read as slashes"
            rule = ConversionRule.imagePath
            return
        }
        if let names, !name.isEmpty, !FileSystem.exists(asWritten), let match = names.match(name) {
            path = FileSystem.join(directory, match.path)
            oddity = match.oddity
            rule = match.rule ?? ConversionRule.imagePath
            return
        }
        rule = ConversionRule.imagePath
        path = asWritten
        oddity =
            name.hasPrefix("/")
            ? "is an absolute path" : parts.contains("..") ? "leads out of the images' directory" : nil
    }
}
