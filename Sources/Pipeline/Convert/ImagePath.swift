private import Runtime

/// Where an image's file is, by its name in the labels.
struct ImagePath {
    let path: String
    /// What is odd about the name; nil for a plain path below the images' directory.
    let oddity: String?

    /// - Parameter directory: the one that names are relative to.
    init(_ name: String, in directory: String) {
        let asWritten = FileSystem.join(directory, name)
        let parts = name.split { $0 == "/" || $0 == "\\" }
        // A tool on Windows wrote them, unless a file here has just that name.
        if name.contains("\\"), !FileSystem.exists(asWritten) {
            path = FileSystem.join(directory, parts.joined(separator: "/"))
            oddity = "has backslashes, which are read as slashes"
            return
        }
        path = asWritten
        oddity =
            name.hasPrefix("/")
            ? "is an absolute path" : parts.contains("..") ? "leads out of the images' directory" : nil
    }
}
