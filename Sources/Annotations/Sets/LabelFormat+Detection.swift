private import JSONText
private import Runtime

extension LabelFormat {
    /// Bytes of a JSON file that are looked at for what it is.
    private static let headBytes = 1 << 20

    /// The format of what is at a path, by names of files and the first keys in them; nil where nothing is known of it.
    ///
    /// - Throws: `FileError` when the path is not there or cannot be read.
    package static func detect(_ path: String) throws -> LabelFormat? {
        if FileSystem.isDirectory(path) { return try detectFolder(path) }
        switch FolderWalk.ending(path) {
        case "yaml", "yml", "names", "data": return .yolo
        case "xml": return try text(path).contains("<annotations") ? .cvat : .voc
        case "tar": return .segmentAnything
        case "tfrecord", "record": return .tensorFlow
        case "json":
            let isManifest = FileSystem.lastComponent(path) == "manifest.json"
            if isManifest, try text(path).contains("\"shards\"") { return .shards }
            return try detectJSON(path)
        default:
            guard FileSystem.exists(path) else { throw FileError(.missing, path: path, "no such file or directory") }
            return nil
        }
    }

    private static func detectFolder(_ path: String) throws -> LabelFormat? {
        let names = try FileSystem.list(path).filter { !$0.hasPrefix(".") && $0 != FolderWalk.recordName }
        let lower = Set(names.map { $0.lowercased() })
        func isFolder(_ name: String) -> Bool { FileSystem.isDirectory(FileSystem.join(path, name)) }
        let endings = Set(names.map { FolderWalk.ending($0) })
        if lower.contains("manifest.json"), endings.contains("tfrecord") { return .shards }
        if endings.contains("tfrecord") || endings.contains("record") { return .tensorFlow }
        if endings.contains("tar") { return .segmentAnything }
        if endings.contains("yaml") || endings.contains("yml") || lower.contains("obj.names")
            || lower.contains("classes.txt") && lower.contains("labels")
        {
            return .yolo
        }
        if lower.contains("segmentationclass") || lower.contains("segmentationobject") || lower.contains("jpegimages")
            || names.contains(where: { $0.lowercased().hasPrefix("voc") && isFolder($0) })
        {
            return .voc
        }
        if lower.contains("images"), lower.contains("masks") { return .masks }
        // CamVid: a folder of maps beside one of images, and mostly a table of colours.
        let pairs = MaskLayout.pairs(among: names.filter { isFolder($0) })
        if pairs.contains(where: \.isCamVids)
            || !pairs.isEmpty && (lower.contains("label_colors.txt") || lower.contains("class_dict.csv"))
        {
            return .masks
        }
        if lower.contains("annotations.xml") { return .cvat }
        if let json = names.first(where: { FolderWalk.ending($0) == "json" }) {
            return try detectJSON(FileSystem.join(path, json))
        }
        if lower.contains("annotations"), isFolder("annotations"),
            let json = try FileSystem.list(FileSystem.join(path, "annotations")).first(where: {
                FolderWalk.ending($0) == "json"
            }), try detectJSON(FileSystem.join(path, "annotations/" + json)) == .datumaro
        {
            return .datumaro
        }
        if endings.contains("xml") { return .voc }
        let inner = names.first { isFolder($0) && FileSystem.isDirectory(FileSystem.join(path, $0 + "/masks")) }
        if inner != nil { return .masks }
        // Sets whose images are in folders have nothing at the top that tells.
        let walk = try FolderWalk(root: path)
        if walk.files.contains(where: { $0.contains("/masks/") }) { return .masks }
        return try walk.files(endingIn: ["json"]).first.flatMap { try detectJSON(FileSystem.join(path, $0)) }
    }

    /// The format of a JSON file by its first keys.
    private static func detectJSON(_ path: String) throws -> LabelFormat? {
        let file = try MappedFile(path: path)
        return file.withBytes { bytes in
            // A cut text ends in an error; what was seen before it counts.
            var parser = JSONPullParser(
                UnsafeRawBufferPointer(rebasing: bytes.prefix(headBytes)), path: path, acceptsNonFinite: true)
            guard let kind = try? parser.peekKind() else { return nil }
            let text = String(decoding: bytes.prefix(4096), as: UTF8.self)
            if kind == .array {
                return text.contains("\"data\"") || text.contains("original_width") || text.contains("\"image\"")
                    ? .labelStudio : nil
            }
            var keys: Set<String> = []
            if (try? parser.beginObject()) != nil {
                while let token = (try? parser.nextKey()) ?? nil {
                    keys.insert(parser.name(of: token))
                    guard (try? parser.skipValue()) != nil else { break }
                }
            }
            return format(of: keys, text: text, whole: bytes)
        }
    }

    private static func format(of keys: Set<String>, text: String, whole: UnsafeRawBufferPointer) -> LabelFormat? {
        if keys.contains("shapes") || keys.contains("imagePath") { return .labelme }
        if keys.contains("_via_img_metadata") || keys.contains("_via_settings") || text.contains("shape_attributes")
            || keys.isSuperset(of: ["project", "file", "view"])
            || keys.contains("project") && text.contains("\"vid_list\"")
        {
            return .via
        }
        if keys.contains("dm_format_version") || keys.contains("items") && keys.contains("categories") {
            return .datumaro
        }
        if keys.contains("image"), keys.contains("annotations") { return .segmentAnything }
        guard keys.contains("images") || keys.contains("annotations") || keys.contains("categories") else { return nil }
        let head = String(decoding: whole.prefix(headBytes), as: UTF8.self)
        let tail = String(decoding: whole.suffix(headBytes), as: UTF8.self)
        if head.contains("\"segments_info\"") || tail.contains("\"segments_info\"") { return .panoptic }
        let isLVIS = head.contains("\"neg_category_ids\"") || head.contains("\"not_exhaustive_category_ids\"")
        return isLVIS ? .lvis : .coco
    }

    private static func text(_ path: String) throws(FileError) -> String {
        try MappedFile(path: path).withBytes { String(decoding: $0.prefix(headBytes), as: UTF8.self) }
    }
}
