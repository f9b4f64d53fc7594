private import Foundation
internal import JSONText
internal import Masks
internal import Runtime

/// A CVAT file for images, version 1.1: polygons, boxes, ellipses and masks; shapes of one label in one group are parts of
/// one object, in ascending order of `z_order`.
///
/// A file for videos, version 1.1, is read frame by frame, see ``CVATVideo``. Source: CVAT's documentation, "CVAT for image".
package struct CVATSource: LabelSource {
    package let categories: [COCOCategory]
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    package var statesAreas: Bool { false }
    package var statesImageSizes: Bool { video == nil || video?.size != nil }
    private let document: CVATDocument
    private var places: [(place: Range<Int>, line: Int)] = []
    private let ids: CategoryList
    /// Of a file for videos.
    private let video: CVATVideo?

    /// - Parameters:
    ///   - path: of the XML file, or of a folder with one.
    ///   - directory: the images' folder; without it, `images` beside the file, or the file's own folder.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, images directory: String? = nil) throws {
        let file = try Self.file(at: path)
        document = try CVATDocument(path: file)
        let base = String(file.dropLast(FileSystem.lastComponent(file).count))
        let beside = FileSystem.join(base, "images")
        let root = directory ?? (FileSystem.isDirectory(beside) ? beside : base.isEmpty ? "." : base)
        let walk = try FolderWalk(root: root)
        let pictures = walk.files(endingIn: FolderWalk.imageEndings)
        let names = FileNameIndex(paths: pictures)
        var found = SetFindings()
        found.add(walk.findings)
        let meta = try document.meta()
        var labels = Self.labels(meta)
        if document.images.isEmpty && !document.tracks.isEmpty {
            let video = try CVATVideo(document, meta: meta, files: pictures, found: &found)
            if labels.isEmpty { labels = video.tracks.map(\.label).filter { !$0.isEmpty } }
            self.video = video
            ids = CategoryList(labels)
            categories = ids.categories
            images = video.frames.enumerated().map { index, frame in
                COCOImage(
                    id: .integer(Int64(index + 1)), fileName: frame.fileName, width: video.size?.width,
                    height: video.size?.height, extra: [RawMember("frame", .integer(Int64(frame.number)))],
                    origin: DataOrigin(path: file))
            }
            findings = found.list
            imagesDirectory = root
            return
        }
        video = nil
        for track in document.tracks {
            found.drop(
                .annotations, LabelRule.ignoredPart, path: file, line: track.line, id: "track at line \(track.line)",
                "the file has images as well as tracks of a video; the images are read")
        }
        let document = document
        // Without a list of labels, they are what the shapes have.
        let readsAll = labels.isEmpty
        let heads = try Workers.map(document.images.count) { index in
            Result {
                readsAll ? try document.node(at: document.images[index]) : try document.head(at: document.images[index])
            }
        }
        var taken: Set<String> = []
        for (place, outcome) in zip(document.images, heads) {
            let head: XMLNode
            do {
                head = try outcome.get()
            } catch {
                found.drop(
                    .images, LabelRule.unreadable, path: file, line: place.line, id: "line \(place.line)",
                    failureReason(error))
                continue
            }
            guard let stated = head.attributes["name"], !stated.isEmpty else {
                found.drop(
                    .images, LabelRule.badValue, path: file, line: place.line, id: head.attributes["id"] ?? "",
                    "the image has no name")
                continue
            }
            let match =
                head.attributes["subset"].flatMap { names.match($0 + "/" + stated) } ?? names.match(stated)
            if let rule = match?.rule, let oddity = match?.oddity {
                found.note(rule, .warning, path: file, line: place.line, keyPath: stated, "the name \(oddity)")
            }
            let name = match?.path ?? stated
            guard taken.insert(name).inserted else {
                found.drop(
                    .images, LabelRule.duplicateImage, path: file, line: place.line, id: name,
                    "another element is of the image \(name) already")
                continue
            }
            if readsAll { labels += head.children.compactMap { $0.attributes["label"] }.filter { !$0.isEmpty } }
            places.append(place)
            images.append(
                COCOImage(
                    id: .integer(Int64(places.count)), fileName: name,
                    width: head.attributes["width"].flatMap { Int($0) },
                    height: head.attributes["height"].flatMap { Int($0) },
                    extra: head.attributes["id"].map { [RawMember("cvat_id", .string($0))] } ?? [],
                    origin: DataOrigin(
                        path: file, position: TextPosition(byteOffset: place.place.lowerBound, line: place.line))))
        }
        ids = CategoryList(labels)
        categories = ids.categories
        findings = found.list
        imagesDirectory = root
    }

    private static func file(at path: String) throws -> String {
        guard FileSystem.isDirectory(path) else { return path }
        let files = try FileSystem.list(path).filter { FolderWalk.ending($0) == "xml" && !$0.hasPrefix(".") }
        if files.contains("annotations.xml") { return FileSystem.join(path, "annotations.xml") }
        guard files.count == 1 else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path), "\(files.count) XML files where one is due; name the file")
        }
        return FileSystem.join(path, files[0])
    }

    /// The labels of a task, of a job, or of a project.
    private static func labels(_ meta: XMLNode?) -> [String] {
        guard let meta else { return [] }
        var result: [String] = []
        for kind in ["task", "job", "project"] {
            guard let list = meta[kind]?["labels"] else { continue }
            result += list.all("label").compactMap { $0.text("name") }.filter { !$0.isEmpty }
        }
        return result
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        var sheet = LabelSheet(of: images[index], at: index, path: document.path)
        if let video {
            let shapes = video.shapes(at: video.frames[index].number) { line, message in
                sheet.drop(LabelRule.unreadable, line: line, message)
            }
            var groups = ObjectGroups()
            for shape in shapes { add(shape, &groups, &sheet, height: height, width: width) }
            groups.write(to: &sheet, height: height, width: width)
            return sheet.finish(report)
        }
        let node: XMLNode
        do {
            node = try document.node(at: places[index])
        } catch {
            sheet.dropImage(LabelRule.unreadable, line: places[index].line, error.message)
            return sheet.finish(report)
        }
        let shapes = node.children.filter { $0.name != "tag" }
        let order = shapes.enumerated().sorted {
            let (a, b) = ($0.element.numberAttribute("z_order") ?? 0, $1.element.numberAttribute("z_order") ?? 0)
            return (a, $0.offset) < (b, $1.offset)
        }
        var groups = ObjectGroups()
        for (_, shape) in order { add(shape, &groups, &sheet, height: height, width: width) }
        groups.write(to: &sheet, height: height, width: width)
        return sheet.finish(report)
    }

    private func add(
        _ shape: XMLNode, _ groups: inout ObjectGroups, _ sheet: inout LabelSheet, height: Int, width: Int
    ) {
        // Blanks around the names of the task's labels, which are texts of their elements, mean nothing.
        guard let label = shape.attributes["label"], let category = ids[label] ?? ids[XMLReader.trimmed(label)] else {
            sheet.drop(
                LabelRule.unknownCategory, line: shape.line,
                "the label \"\(shape.attributes["label"] ?? "")\" is not among the task's")
            return
        }
        var part = ObjectGroups.Object(category: category, place: "line \(shape.line)")
        part.extra = Self.extra(shape)
        part.isCrowd = shape.all("attribute").contains {
            ["iscrowd", "is_crowd"].contains($0.attributes["name"] ?? "")
                && ["1", "true"].contains($0.text.lowercased())
        }
        func numbers(_ keys: String...) -> [Double]? {
            let values = keys.compactMap { shape.numberAttribute($0) }
            return values.count == keys.count ? values : nil
        }
        func bad(_ what: String) { sheet.drop(LabelRule.badValue, line: shape.line, "the \(shape.name) \(what)") }
        switch shape.name {
        case "polygon":
            guard let ring = Self.points(shape.attributes["points"] ?? ""), ring.count >= 6 else {
                return bad("has no list of three or more points \"x,y;x,y\"")
            }
            part.rings = [ring]
        case "box":
            guard let edges = numbers("xtl", "ytl", "xbr", "ybr"), edges[2] > edges[0], edges[3] > edges[1] else {
                return bad("has no edges xtl, ytl, xbr, ybr in their order")
            }
            let box = Box(x: edges[0], y: edges[1], width: edges[2] - edges[0], height: edges[3] - edges[1])
            let turn = shape.numberAttribute("rotation") ?? 0
            if turn == 0 { part.box = box } else { part.rings = [ShapeOutlines.rectangle(box, degrees: turn)] }
        case "ellipse":
            guard let values = numbers("cx", "cy", "rx", "ry"), values[2] > 0, values[3] > 0 else {
                return bad("has no centre cx, cy and radii rx, ry")
            }
            part.rings = [
                ShapeOutlines.ellipse(
                    x: values[0], y: values[1], radiusX: values[2], radiusY: values[3],
                    degrees: shape.numberAttribute("rotation") ?? 0)
            ]
        case "mask":
            guard let values = numbers("left", "top", "width", "height"), let runs = shape.attributes["rle"] else {
                return bad("has no rle, left, top, width, height")
            }
            do throws(CVATMask.Failure) {
                let sides = values.map { Int(clamping: $0) }
                let (mask, missing) = try CVATMask.mask(
                    runs: runs, left: sides[0], top: sides[1], width: sides[2], height: sides[3], imageHeight: height,
                    imageWidth: width)
                if missing > 0 {
                    sheet.note(
                        LabelRule.repairedValue, .warning, line: shape.line,
                        "the runs end \(missing) pixels before the mask's box does; the rest is background")
                }
                part.masks = [mask]
            } catch {
                sheet.drop(error.rule, line: shape.line, error.message)
                return
            }
        default:
            sheet.drop(LabelRule.shapeKind, line: shape.line, "a \(shape.name) covers no area")
            return
        }
        let group = shape.attributes["group_id"].flatMap { $0 == "0" || $0.isEmpty ? nil : $0 }
        groups.add(part, group: group)
    }

    private static func extra(_ shape: XMLNode) -> [RawMember] {
        var members: [RawMember] = []
        for key in ["occluded", "z_order"] {
            if let value = shape.attributes[key].flatMap({ Int64($0) }), value != 0 {
                members.append(RawMember(key, .integer(value)))
            }
        }
        let attributes = shape.all("attribute").compactMap { node in
            node.attributes["name"].map { JSONMember($0, .string(node.text)) }
        }.filter { !["iscrowd", "is_crowd"].contains($0.name) }
        if !attributes.isEmpty { members.append(RawMember("attributes", .object(attributes))) }
        return members
    }

    /// `x,y;x,y`; nil when a part of it is no pair of finite numbers.
    static func points(_ text: String) -> [Double]? {
        var ring: [Double] = []
        for pair in text.split(separator: ";") {
            let values = pair.split(separator: ",").compactMap { XMLNode.number(String($0)) }
            guard values.count == 2 else { return nil }
            ring += values
        }
        return ring
    }
}
