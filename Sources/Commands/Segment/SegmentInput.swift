internal import Runtime

/// The images that are to be segmented: one file, or those in a folder.
struct SegmentInput {
    /// What the names are relative to; empty for the folder that samdata runs in.
    let directory: String
    /// Names of PNG and JPEG files, in byte order.
    let names: [String]
    /// Other files in the folder.
    let otherFiles: Int

    private static let endings: Set = ["png", "jpg", "jpeg", "tif", "tiff"]

    /// Folders below a folder are not looked into, and hidden files are left alone.
    ///
    /// - Throws: `FileError.missing`, or `SegmentError.noImages` for a folder without images.
    init(path: String) throws {
        guard FileSystem.exists(path) else { throw FileError(.missing, path: path, "no such file or directory") }
        guard FileSystem.isDirectory(path) else {
            directory = FileSystem.folder(of: path)
            names = [FileSystem.lastComponent(path)]
            otherFiles = 0
            return
        }
        let files = try FileSystem.list(path).filter {
            !$0.hasPrefix(".") && !FileSystem.isDirectory(FileSystem.join(path, $0))
        }
        directory = path
        names = files.filter { Self.endings.contains(FileSystem.ending(of: $0).lowercased()) }
        otherFiles = files.count - names.count
        guard !names.isEmpty else {
            throw SegmentError(
                .noImages, "the folder holds no file that ends in .png, .jpg or .jpeg (and \(files.count) others)",
                path: path)
        }
    }

    func path(_ name: String) -> String { FileSystem.join(directory, name) }

    /// The names without their endings, where these tell the images apart; `ending` is added to each.
    func stems(ending: String) -> [String] {
        let stems = names.map { FileSystem.stem(of: $0) }
        let counts = Dictionary(stems.map { ($0, 1) }, uniquingKeysWith: +)
        return zip(names, stems).map { name, stem in (counts[stem] == 1 ? stem : name) + ending }
    }
}
