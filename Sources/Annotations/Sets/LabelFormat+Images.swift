private import Runtime

extension LabelFormat {
    /// The folder `images` in a folder, or beside a file; nil where there is none.
    package static func images(beside path: String) -> String? {
        let images = FileSystem.join(folder(of: path), "images")
        return FileSystem.isDirectory(images) ? images : nil
    }

    /// Places where the images of a set may be when neither the user nor the format says, in the order in which they are
    /// looked at: `images` beside the labels, the labels' own folder, and for labels in a folder `annotations`, as COCO
    /// has it, the same beside that folder.
    package static func imagePlaces(near path: String) -> [String] {
        let own = folder(of: path)
        var places = [FileSystem.join(own, "images"), own.isEmpty ? "." : own]
        if FileSystem.lastComponent(own).lowercased() == "annotations" {
            let above = FileSystem.folder(of: own)
            places += [FileSystem.join(above, "images"), above.isEmpty ? "." : above]
        }
        return places
    }

    /// The folder itself, or that of a file; empty for a file in the working directory.
    private static func folder(of path: String) -> String {
        FileSystem.isDirectory(path) ? path : FileSystem.folder(of: path)
    }
}
