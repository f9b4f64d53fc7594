private import Foundation
internal import Runtime

/// Where the parts of a Pascal VOC set are.
struct VOCLayout {
    struct Entry {
        /// Below the root.
        let image: String
        /// Full paths.
        var annotation: String?
        var objects: String?
        var classes: String?
    }

    private(set) var entries: [Entry] = []
    private(set) var findings = SetFindings()
    let root: String
    /// Why there is nothing to read, where there is not.
    let absence: String
    /// Names of images by how they look in lower case and with composed accents.
    private var folded: [String: [String]] = [:]

    private static let maskFolders: Set<String> = ["segmentationclass", "segmentationobject"]

    /// - Parameter path: of `VOC2012`, of a folder with it, or of one with XML files beside their images.
    /// - Throws: `FileError`, `AnnotationError`.
    init(path: String, options: VOCOptions) throws {
        root = try Self.root(of: path)
        let walk = try FolderWalk(root: root)
        findings.add(walk.findings)
        func isMask(_ file: String) -> Bool {
            file.split(separator: "/").dropLast().contains { Self.maskFolders.contains($0.lowercased()) }
        }
        let pictures = walk.files(endingIn: FolderWalk.imageEndings)
        let images = pictures.filter { !isMask($0) }
        let xmls = walk.files(endingIn: ["xml"])
        absence =
            images.isEmpty
            ? "\(xmls.count) XML files and \(pictures.count) masks are here, but none of their images (\(FolderWalk.imageEndings.sorted().joined(separator: ", "))); the set cannot be read without them"
            : "none of the \(images.count) images here has an XML file or a mask of Pascal VOC"
        var byStem: [String: Entry] = [:]
        var order: [String] = []
        for image in images {
            let stem = Self.key(image)
            if let other = byStem[stem] {
                findings.drop(
                    .images, LabelRule.duplicateImage, path: FileSystem.join(root, image), id: image,
                    "another image has the same name, \(other.image)")
                continue
            }
            byStem[stem] = Entry(image: image)
            order.append(stem)
        }
        folded = Dictionary(grouping: order) { Self.fold($0) }
        for file in xmls {
            attach(file, to: &byStem) { $0.annotation = $1 }
        }
        for mask in pictures where isMask(mask) {
            let isObjects = mask.lowercased().contains("segmentationobject")
            attach(mask, to: &byStem) { if isObjects { $0.objects = $1 } else { $0.classes = $1 } }
        }
        let wanted = try options.imageSet.map { try Self.list($0, in: root) }
        entries = order.compactMap { byStem[$0] }.filter { entry in
            wanted?.contains(FolderWalk.stem(FileSystem.lastComponent(entry.image))) ?? true
        }
    }

    /// Images and labels belong together by their names without folders of the layout and without endings.
    private static func key(_ path: String) -> String {
        let layout: Set<String> = ["annotations", "jpegimages", "images", "segmentationclass", "segmentationobject"]
        let parts = FolderWalk.stem(path).split(separator: "/")
        return (parts.dropLast().filter { !layout.contains($0.lowercased()) } + parts.suffix(1)).joined(separator: "/")
    }

    private mutating func attach(
        _ file: String, to entries: inout [String: Entry], _ set: (inout Entry, String) -> Void
    ) {
        let full = FileSystem.join(root, file)
        var key = Self.key(file)
        // On their way between systems, names change their case and the form of their accents.
        if entries[key] == nil, let names = folded[Self.fold(key)], names.count == 1 { key = names[0] }
        guard var entry = entries[key] else {
            findings.drop(
                .images, LabelRule.imageMissing, path: full, id: file, "no image has this name: its labels are dropped")
            return
        }
        let (name, stated) = (Self.key(entry.image), Self.key(file))
        if !name.utf8.elementsEqual(stated.utf8) {
            // `String` takes two spellings of one accented letter for equal.
            findings.note(
                name == stated ? LabelRule.nameForm : LabelRule.nameCase, .warning, path: full,
                "the name differs from the image's, \(name), in \(name == stated ? "how accents are composed" : "case")"
            )
        }
        set(&entry, full)
        entries[key] = entry
    }

    private static func fold(_ key: String) -> String { key.precomposedStringWithCanonicalMapping.lowercased() }

    private static func root(of path: String) throws -> String {
        var path = path
        // `VOCdevkit/VOC2012`, or the folder above.
        for _ in 0..<3 {
            let names = try FileSystem.list(path)
            let lower = Set(names.map { $0.lowercased() })
            if lower.contains("annotations") || lower.contains("jpegimages") || lower.contains("segmentationclass") {
                break
            }
            let folders = names.filter { !$0.hasPrefix(".") && FileSystem.isDirectory(FileSystem.join(path, $0)) }
            let vocs = folders.filter { $0.lowercased().hasPrefix("voc") }
            guard vocs.count == 1 else { break }
            path = FileSystem.join(path, vocs[0])
        }
        return path
    }

    private static func list(_ name: String, in root: String) throws -> Set<String> {
        for folder in ["Segmentation", "Main"] {
            let path = FileSystem.join(root, "ImageSets/\(folder)/\(name).txt")
            guard FileSystem.exists(path) else { continue }
            let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
            return Set(
                text.split(whereSeparator: \.isNewline).compactMap {
                    $0.split(whereSeparator: \.isWhitespace).first.map(String.init)
                })
        }
        throw AnnotationError(
            .structure, at: DataLocation(path: root),
            "there is no list ImageSets/Segmentation/\(name).txt and no ImageSets/Main/\(name).txt")
    }
}
