internal import JSONText
internal import Masks
internal import Runtime

/// A folder of labelme files, one JSON for each image.
///
/// Shapes of one label with one `group_id` are parts of one object. Coordinates are in the frame with the EXIF orientation
/// applied. Source: wkentaro/labelme, `labelme/label_file.py` and `labelme/utils/shape.py`.
package struct LabelmeSource: LabelSource {
    package let categories: [COCOCategory]
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    package var statesAreas: Bool { false }
    package var framesAreUpright: Bool { true }
    /// Full paths by image.
    private var files: [String] = []
    /// Whether the image is in the JSON alone.
    private var isInside: [Bool] = []
    private let ids: CategoryList

    /// The largest file that is read; the image inside makes most of it.
    private static let maximumBytes = 256 << 20
    private static let areaShapes: Set<String> = [
        "polygon", "rectangle", "circle", "mask", "oriented_rectangle", "ellipse",
    ]

    /// - Parameters:
    ///   - path: of a folder, or of one JSON file.
    ///   - images: the images' folder, where it is not that of the JSON files.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, images directory: String? = nil) throws {
        let isFolder = FileSystem.isDirectory(path)
        let root = isFolder ? path : String(path.dropLast(FileSystem.lastComponent(path).count))
        let base = root.isEmpty ? "." : root
        let walk = try FolderWalk(root: base)
        let jsons = isFolder ? walk.files(endingIn: ["json"]) : [FileSystem.lastComponent(path)]
        let heads = try Workers.map(jsons.count) { index in
            Result { try LabelmeHead(path: FileSystem.join(base, jsons[index])) }
        }
        let imagesRoot = directory ?? base
        let pictures =
            directory == nil ? walk : try FolderWalk(root: imagesRoot)
        let index = FileNameIndex(paths: pictures.files(endingIn: FolderWalk.imageEndings))
        var found = SetFindings()
        found.add(walk.findings)
        var labels: Set<String> = []
        var taken: Set<String> = []
        for (json, outcome) in zip(jsons, heads) {
            let full = FileSystem.join(base, json)
            let head: LabelmeHead
            do {
                head = try outcome.get()
            } catch {
                found.drop(.images, LabelRule.unreadable, path: full, id: json, failureReason(error))
                continue
            }
            guard head.hasShapes else {
                found.note(
                    LabelRule.ignoredPart, .note, path: full, "has no shapes: it is no labelme file, and is ignored")
                continue
            }
            let match = Self.image(of: json, stated: head.imagePath, in: index)
            if let oddity = match?.oddity, let rule = match?.rule {
                found.note(rule, .warning, path: full, keyPath: "imagePath", "the name \(oddity)")
            }
            let name = match?.path ?? Self.plain(head.imagePath) ?? FolderWalk.stem(json)
            guard taken.insert(name).inserted else {
                found.drop(
                    .images, LabelRule.duplicateImage, path: full, id: json, "another file labels the image \(name)")
                continue
            }
            labels.formUnion(head.labels)
            files.append(full)
            isInside.append(match == nil && head.hasImageData)
            self.images.append(
                COCOImage(
                    id: .integer(Int64(files.count)), fileName: name, width: head.width, height: head.height,
                    origin: DataOrigin(path: full)))
        }
        guard !files.isEmpty || !found.list.isEmpty else {
            throw AnnotationError(.structure, at: DataLocation(path: path), "no JSON file is in this folder or below")
        }
        ids = CategoryList(labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        categories = ids.categories
        findings = found.list
        imagesDirectory = imagesRoot
    }

    /// The image of a file: `imagePath` is relative to it, and often only the name is still true.
    private static func image(of json: String, stated: String?, in index: FileNameIndex) -> FileNameIndex.Match? {
        let folder = json.dropLast(FileSystem.lastComponent(json).count)
        if let stated {
            if !folder.isEmpty, let match = index.match(folder + stated) { return match }
            if let match = index.match(stated) { return match }
        }
        return FolderWalk.imageEndings.sorted().lazy.compactMap { ending in
            index.match(FolderWalk.stem(json) + "." + ending)
        }.first
    }

    /// The keys of a file that labelme itself has a use for; it keeps others as they are.
    static let imageKeys: Set<String> = [
        "version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth",
    ]
    /// Likewise of a shape.
    static let shapeKeys: Set<String> = [
        "label", "points", "group_id", "shape_type", "flags", "description", "mask", "iscrowd",
    ]

    package func members(ofImage index: Int) throws -> [RawMember] {
        // A file that has gone bad since is reported with its objects.
        let tree = try? JSONDocument.read(path: files[index], maximumBytes: Self.maximumBytes)
        return tree?.members(except: Self.imageKeys.union(["id", "file_name", "width", "height"])) ?? []
    }

    private static func plain(_ name: String?) -> String? {
        name?.split { $0 == "/" || $0 == "\\" }.last.map(String.init)
    }

    package func encodedImage(at index: Int) throws -> [UInt8]? {
        guard isInside[index] else { return nil }
        let tree = try JSONDocument.read(path: files[index], maximumBytes: Self.maximumBytes)
        return tree["imageData"]?.string.flatMap { MaskPicture.bytes(base64: $0) }
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        var sheet = LabelSheet(of: images[index], at: index, path: files[index])
        let shapes: [JSONValue]
        do {
            let tree = try JSONDocument.read(path: files[index], maximumBytes: Self.maximumBytes)
            shapes = tree["shapes"]?.array ?? []
        } catch {
            sheet.dropImage(LabelRule.unreadable, failureReason(error))
            return sheet.finish(report)
        }
        var groups = ObjectGroups()
        for (at, shape) in shapes.enumerated() {
            add(shape, place: "shapes[\(at)]", &groups, &sheet, height: height, width: width)
        }
        groups.write(to: &sheet, height: height, width: width)
        return sheet.finish(report)
    }

    private func add(
        _ shape: JSONValue, place: String, _ groups: inout ObjectGroups, _ sheet: inout LabelSheet, height: Int,
        width: Int
    ) {
        guard let label = shape["label"]?.string, let category = ids[label] else {
            sheet.drop(LabelRule.badValue, keyPath: place, "the shape has no label")
            return
        }
        let kind = shape["shape_type"]?.string ?? "polygon"
        guard Self.areaShapes.contains(kind) else {
            sheet.drop(LabelRule.shapeKind, keyPath: place, "a \(kind) covers no area")
            return
        }
        let points = (shape["points"]?.array ?? []).map { $0.array?.compactMap(\.double) ?? [] }
        guard points.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isFinite) }) else {
            sheet.drop(LabelRule.badValue, keyPath: place, "\"points\" is a list of pairs of numbers")
            return
        }
        let flags = shape["flags"]
        var part = ObjectGroups.Object(category: category, place: place)
        part.isCrowd = flags?["iscrowd"]?.bool == true || flags?["is_crowd"]?.bool == true
        if let text = shape["description"]?.string, !text.isEmpty {
            part.extra.append(RawMember("description", .string(text)))
        }
        let otherFlags = (flags?.object ?? []).filter { !["iscrowd", "is_crowd"].contains($0.name) }
        if !otherFlags.isEmpty { part.extra.append(RawMember("flags", .object(otherFlags))) }
        part.extra += shape.members(except: Self.shapeKeys)
        if kind == "mask" {
            guard let text = shape["mask"]?.string, let png = MaskPicture.bytes(base64: text), let corner = points.first
            else {
                sheet.drop(LabelRule.badValue, keyPath: place, "a mask needs a PNG in base64 and its upper left corner")
                return
            }
            do {
                part.masks = [
                    try MaskPicture.mask(
                        png: png, x: Int(clamping: corner[0]), y: Int(clamping: corner[1]), height: height, width: width
                    )
                ]
            } catch {
                sheet.drop(LabelRule.unreadable, keyPath: place, failureReason(error))
                return
            }
        } else {
            guard let ring = Self.ring(kind, points) else {
                sheet.drop(
                    LabelRule.badValue, keyPath: place, "\(points.count) points do not make a \(kind)")
                return
            }
            part.rings = [ring]
        }
        groups.add(part, group: shape["group_id"].flatMap { $0.isNull ? nil : $0.text() })
    }

    /// The outline of a shape; nil when its points do not make one.
    private static func ring(_ kind: String, _ points: [[Double]]) -> [Double]? {
        switch (kind, points.count) {
        case ("rectangle", 2):
            return ShapeOutlines.rectangle(
                x0: min(points[0][0], points[1][0]), y0: min(points[0][1], points[1][1]),
                x1: max(points[0][0], points[1][0]), y1: max(points[0][1], points[1][1]))
        case ("circle", 2), ("ellipse", 2):
            let (dx, dy) = (points[1][0] - points[0][0], points[1][1] - points[0][1])
            let radius = (dx * dx + dy * dy).squareRoot()
            return radius > 0
                ? ShapeOutlines.ellipse(x: points[0][0], y: points[0][1], radiusX: radius, radiusY: radius) : nil
        case ("polygon", 3...), ("rectangle", 4...), ("oriented_rectangle", 3...): return points.flatMap { $0 }
        default: return nil
        }
    }
}

extension Int {
    /// The nearest whole number, within 32 bits.
    init(clamping value: Double) { self = Int(Swift.min(Swift.max(value.rounded(), -2e9), 2e9)) }
}
