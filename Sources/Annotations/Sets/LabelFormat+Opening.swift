private import Runtime

extension LabelFormat {
    /// Opens a set; nil for the formats that are read above this module: COCO and LVIS by their tables of places, TFRecord
    /// files and shards.
    ///
    /// - Throws: `FileError`, `AnnotationError`.
    package func labelSource(at path: String, options: LabelReadOptions = LabelReadOptions()) throws -> (
        any LabelSource
    )? {
        guard FileSystem.exists(path) else { throw FileError(.missing, path: path, "no such file or directory") }
        switch self {
        case .coco, .lvis, .tensorFlow, .shards: return nil
        case .panoptic:
            return try PanopticSource(
                path: labelFile(at: path, subset: options.subset), options: options.panoptic)
        case .yolo, .yoloBoxes:
            var yolo = options.yolo
            yolo.images = yolo.images ?? options.images
            return try YOLOSource(path: path, options: yolo)
        case .voc: return try VOCSource(path: path, options: options.voc)
        case .masks: return try MaskFolderSource(path: path, options: options.masks)
        case .labelme: return try LabelmeSource(path: path, images: options.images)
        case .segmentAnything: return try SegmentAnythingSource(path: path)
        case .cvat: return try CVATSource(path: path, images: options.images)
        case .datumaro: return try DatumaroSource(path: path, images: options.images, options: options.datumaro)
        case .labelStudio:
            return try LabelStudioSource(
                path: labelFile(at: path), images: options.images ?? Self.images(beside: path),
                options: options.labelStudio)
        case .via: return try VIASource(path: labelFile(at: path), images: options.images, options: options.via)
        }
    }

    /// The file of a set that is one JSON file: the path itself, or the one that looks like it in a folder, or in
    /// `annotations` in it, as COCO is laid out. Of COCO's files, those of instances go before the others.
    ///
    /// - Parameter subset: the end of the file's name without its ending, such as `train2017`, where there are several.
    /// - Throws: `FileError`; `AnnotationError.structure` for a folder without such a file, or with several.
    package func labelFile(at path: String, subset: String? = nil) throws -> String {
        guard FileSystem.isDirectory(path) else { return path }
        var files = try Self.jsonFiles(in: path).filter { try Self.detect($0) == self }
        let inner = FileSystem.join(path, "annotations")
        if files.isEmpty, FileSystem.isDirectory(inner) {
            files = try Self.jsonFiles(in: inner).filter { try Self.detect($0) == self }
        }
        let instances = files.filter { FileSystem.lastComponent($0).hasPrefix("instances") }
        if !instances.isEmpty { files = instances }
        let names = files.map { FileSystem.stem(of: FileSystem.lastComponent($0)) }
        if let subset {
            files = zip(files, names).filter { $1 == subset || $1.hasSuffix("_" + subset) }.map(\.0)
        }
        guard files.count == 1 else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path),
                names.isEmpty
                    ? "no JSON file in this folder looks like \(rawValue)"
                    : files.isEmpty
                        ? "none of \(names.joined(separator: ", ")) is the subset \(subset ?? "")"
                        : "\(files.count) JSON files in this folder look like \(rawValue), \(names.joined(separator: ", ")); name the file, or the end of its name as the subset"
            )
        }
        return files[0]
    }

    private static func jsonFiles(in folder: String) throws -> [String] {
        try FolderWalk(root: folder, recursive: false).files(endingIn: ["json"]).map { FileSystem.join(folder, $0) }
    }

    /// A writer into a directory; nil for the formats that are written above this module.
    ///
    /// - Throws: `FileError.write`.
    package func labelWriter(
        to root: String, categories: [COCOCategory], options: LabelWriteOptions = LabelWriteOptions()
    ) throws -> (any LabelWriter)? {
        let copies = options.copiesImages
        switch self {
        case .tensorFlow, .shards: return nil
        case .coco, .lvis:
            var coco = options.coco
            coco.isLVIS = self == .lvis
            return try COCOSetWriter(root: root, categories: categories, options: coco, copiesImages: copies)
        case .panoptic:
            return try PanopticWriter(
                root: root, categories: categories, options: options.panoptic, copiesImages: copies)
        case .yolo, .yoloBoxes:
            var yolo = options.yolo
            yolo.boxesOnly = yolo.boxesOnly || self == .yoloBoxes
            return try YOLOWriter(root: root, categories: categories, options: yolo, copiesImages: copies)
        case .voc:
            return try VOCWriter(root: root, categories: categories, options: options.voc, copiesImages: copies)
        case .masks:
            return try MaskFolderWriter(
                root: root, categories: categories, options: options.masks, copiesImages: copies)
        case .labelme:
            return try LabelmeWriter(root: root, categories: categories, options: options.labelme, copiesImages: copies)
        case .segmentAnything:
            return try SegmentAnythingWriter(root: root, categories: categories, options: options.segmentAnything)
        case .cvat: return try CVATWriter(root: root, categories: categories, copiesImages: copies)
        case .datumaro:
            return try DatumaroWriter(
                root: root, categories: categories, options: options.datumaro, copiesImages: copies)
        case .labelStudio:
            return try LabelStudioWriter(
                root: root, categories: categories, options: options.labelStudio, copiesImages: copies)
        case .via where options.via.version == .three:
            return try VIAThirdWriter(root: root, categories: categories, options: options.via, copiesImages: copies)
        case .via:
            return try VIAWriter(root: root, categories: categories, options: options.via, copiesImages: copies)
        }
    }
}
