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
        case "xml":
            guard FileSystem.exists(path) else { throw FileError(.missing, path: path, "no such file or directory") }
            return detectXML(path)
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
        // Old labelme, which has them with a capital letter, is not this.
        if names.contains("images"), names.contains("masks") { return .masks }
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
        if let inner = names.first(where: { $0.lowercased() == "annotations" && isFolder($0) }),
            let found = try detectAnnotations(FileSystem.join(path, inner))
        {
            return found
        }
        if let xml = names.first(where: { FolderWalk.ending($0) == "xml" }) {
            return detectXML(FileSystem.join(path, xml))
        }
        if try holdsYOLO(path, names) { return .yolo }
        let inner = names.first { isFolder($0) && FileSystem.isDirectory(FileSystem.join(path, $0 + "/masks")) }
        if inner != nil { return .masks }
        // Sets whose images are in folders have nothing at the top that tells.
        let walk = try FolderWalk(root: path)
        if walk.files.contains(where: { $0.contains("/masks/") }) { return .masks }
        return try walk.files(endingIn: ["json"]).first.flatMap { try detectJSON(FileSystem.join(path, $0)) }
    }

    /// The format of labels in a folder `annotations` beside a folder of images.
    private static func detectAnnotations(_ folder: String) throws -> LabelFormat? {
        let walk = try FolderWalk(root: folder)
        // COCO's folder holds captions and panoptic segments beside the instances.
        let jsons = walk.files(endingIn: ["json"])
        let ordered =
            jsons.filter { FileSystem.lastComponent($0).hasPrefix("instances") }
            + jsons.filter { !FileSystem.lastComponent($0).hasPrefix("instances") }
        for json in ordered.prefix(16) {
            if let format = try detectJSON(FileSystem.join(folder, json)) { return format }
        }
        return walk.files(endingIn: ["xml"]).first.flatMap { detectXML(FileSystem.join(folder, $0)) }
    }

    /// CVAT's file of many images, or a file of Pascal VOC for one; nil for others, such as that of the old labelme.
    private static func detectXML(_ path: String) -> LabelFormat? {
        guard let head = try? text(path) else { return nil }
        if head.contains("<annotations") { return .cvat }
        return head.contains("<annotation") && !head.contains("<polygon>") ? .voc : nil
    }

    /// Whether text files of YOLO's lines lie beside images, or in `labels` beside `images`.
    private static func holdsYOLO(_ path: String, _ names: [String]) throws -> Bool {
        func isLabels(_ file: String) -> Bool {
            guard let line = (try? text(file))?.split(whereSeparator: \.isNewline).first else { return false }
            let fields = line.split(whereSeparator: \.isWhitespace)
            return fields.count >= 5 && Int(fields[0]) != nil && fields.allSatisfy { Double($0) != nil }
        }
        let stems = Set(names.filter { FolderWalk.imageEndings.contains(FolderWalk.ending($0)) }.map(FolderWalk.stem))
        let beside = names.filter { FolderWalk.ending($0) == "txt" && stems.contains(FolderWalk.stem($0)) }
        if let first = beside.first { return isLabels(FileSystem.join(path, first)) }
        guard names.contains("images"), names.contains("labels"),
            FileSystem.isDirectory(FileSystem.join(path, "labels"))
        else { return false }
        let labels = try FolderWalk(root: FileSystem.join(path, "labels")).files(endingIn: ["txt"]).prefix(16)
        return labels.contains { isLabels(FileSystem.join(path, "labels/" + $0)) }
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
        // A COCO file made of LVIS's keeps these lists; what LVIS has not is the flag of crowds.
        let hasCrowds = head.contains("\"iscrowd\"") || tail.contains("\"iscrowd\"")
        return isLVIS && !hasCrowds ? .lvis : .coco
    }

    private static func text(_ path: String) throws(FileError) -> String {
        try MappedFile(path: path).withBytes { String(decoding: $0.prefix(headBytes), as: UTF8.self) }
    }
}
