internal import JSONText
internal import Runtime

/// Pairs of an image and a JSON file of one name, in a folder or in tar files.
struct SampleStore: Sendable {
    struct Entry: Sendable {
        /// The name without its ending.
        let key: String
        /// For findings: of the JSON file, or of the tar file that it is in.
        let labelsPath: String
        /// Below the folder, or in the archive; nil where there is none.
        let imageName: String?
        fileprivate let archive: Int?
        fileprivate let labels: TarArchive.Member?
        fileprivate let image: TarArchive.Member?
    }

    private(set) var entries: [Entry] = []
    private(set) var findings = SetFindings()
    /// Where images are files; nil where they are in archives.
    private(set) var directory: String?
    private var archives: [TarArchive] = []

    /// - Throws: `FileError`, `AnnotationError`.
    init(path: String) throws {
        guard FileSystem.isDirectory(path) else {
            try addArchive(path)
            return
        }
        let walk = try FolderWalk(root: path)
        findings.add(walk.findings)
        let tars = walk.files(endingIn: ["tar"])
        let jsons = walk.files(endingIn: ["json"])
        if jsons.isEmpty, !tars.isEmpty {
            for tar in tars { try addArchive(FileSystem.join(path, tar)) }
            return
        }
        directory = path
        let images = Dictionary(
            walk.files(endingIn: FolderWalk.imageEndings).map { (FolderWalk.stem($0), $0) },
            uniquingKeysWith: { first, _ in first })
        entries = jsons.map { json in
            let stem = FolderWalk.stem(json)
            return Entry(
                key: stem, labelsPath: FileSystem.join(path, json), imageName: images[stem], archive: nil, labels: nil,
                image: nil)
        }
    }

    private mutating func addArchive(_ path: String) throws {
        let archive = try TarArchive(path: path)
        if let damage = archive.damage {
            findings.lose(
                LabelRule.unreadable, path: path,
                "\(damage); what stands before it is read, and nobody knows how many images are lost behind it")
        }
        var labels: [String: TarArchive.Member] = [:]
        var images: [String: TarArchive.Member] = [:]
        var order: [String] = []
        for member in archive.members {
            let (key, ending) = Self.split(member.name)
            if FileSystem.lastComponent(member.name).hasPrefix("._") {
                findings.note(LabelRule.appleDouble, .note, path: path, keyPath: member.name, "is ignored")
            } else if ending == "json" {
                if labels.updateValue(member, forKey: key) == nil { order.append(key) }
            } else if FolderWalk.imageEndings.contains(ending) {
                images[key] = member
            }
        }
        let number = archives.count
        archives.append(archive)
        entries += order.map { key in
            Entry(
                key: key, labelsPath: path, imageName: images[key]?.name, archive: number, labels: labels[key],
                image: images[key])
        }
        for key in images.keys.sorted() where labels[key] == nil {
            findings.note(
                LabelRule.noLabels, .warning, path: path, keyPath: images[key]?.name,
                "the image has no JSON file of its name; it is left out")
        }
    }

    /// WebDataset's rule: the key goes to the first dot of the last part.
    private static func split(_ name: String) -> (key: String, ending: String) {
        let last = FileSystem.lastComponent(name)
        let folder = name.dropLast(last.count)
        let dot = last.firstIndex(of: ".") ?? last.endIndex
        let plain = folder.hasPrefix("./") ? folder.dropFirst(2) : folder
        return (String(plain) + String(last[..<dot]), String(last[dot...].dropFirst()).lowercased())
    }

    /// Runs `body` on the JSON file's bytes.
    func withLabels<Result>(_ entry: Entry, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        if let archive = entry.archive, let member = entry.labels {
            return try archives[archive].withBytes(member, body)
        }
        return try MappedFile(path: entry.labelsPath).withBytes { try body($0) }
    }

    /// The image's bytes where they are in an archive.
    func encodedImage(_ entry: Entry) -> [UInt8]? {
        guard let archive = entry.archive, let member = entry.image else { return nil }
        return archives[archive].bytes(member)
    }

    /// Their number, where they are in an archive.
    func encodedImageBytes(_ entry: Entry) -> Int? { entry.archive == nil ? nil : entry.image?.range.count }
}
