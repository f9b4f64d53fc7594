internal import JSONText
internal import Masks
internal import Runtime

/// A Datumaro set: `annotations/SUBSET.json` with `images/SUBSET`. Masks, polygons, boxes and ellipses are read; polygons
/// of one label in one group are parts of one object.
///
/// Source: open-edge-platform/datumaro, `plugins/data_formats/datumaro/base.py`.
package struct DatumaroSource: LabelSource {
    package let categories: [COCOCategory]
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    private let lists: [JSONList]
    /// By image: the file and the place of its item.
    private var places: [(list: Int, place: Range<Int>)] = []
    /// By file: the category of each label.
    private var labelIDs: [[COCOIdentifier]] = []

    /// - Parameters:
    ///   - path: of the set's folder, or of one file of `annotations`.
    ///   - directory: the images' folder, where it is not `images` beside `annotations`.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, images directory: String? = nil, options: DatumaroOptions = DatumaroOptions()) throws {
        let files = try Self.files(at: path, options)
        let base = String(files[0].dropLast(FileSystem.lastComponent(files[0]).count))
        let beside = FileSystem.join(base.isEmpty ? "." : base, "../images")
        let root = directory ?? (FileSystem.isDirectory(beside) ? beside : base.isEmpty ? "." : base)
        let walk = try FolderWalk(root: root)
        let names = FileNameIndex(paths: walk.files(endingIn: FolderWalk.imageEndings))
        var found = SetFindings()
        found.add(walk.findings)
        var ids = CategoryList()
        var taken: Set<String> = []
        lists = try files.map { try JSONList(path: $0) }
        for (number, list) in lists.enumerated() {
            let subset = FolderWalk.stem(FileSystem.lastComponent(list.path))
            var labels: [COCOIdentifier] = []
            var items: [Range<Int>] = []
            var isDatumaro = false
            try list.scan(lists: ["items"]) { name, _, place in
                if name == "items" {
                    isDatumaro = true
                    items.append(place)
                } else if name == "categories" {
                    let tree: JSONValue
                    do throws(JSONError) { tree = try list.element(at: place) } catch {
                        throw AnnotationError(error, in: "categories")
                    }
                    for label in tree["label"]?["labels"]?.array ?? [] {
                        labels.append(ids.id(of: label["name"]?.string ?? label.string ?? ""))
                    }
                }
            }
            guard isDatumaro else {
                found.note(
                    LabelRule.ignoredPart, .warning, path: list.path,
                    "has no items: it is no Datumaro file, and is ignored")
                labelIDs.append([])
                continue
            }
            labelIDs.append(labels)
            for place in items {
                guard let item = try? list.element(at: place),
                    let id = item["id"]?.string ?? item["id"]?.int.map(String.init)
                else {
                    found.drop(
                        .images, LabelRule.unreadable, path: list.path, byte: place.lowerBound,
                        id: "byte \(place.lowerBound)", "the item is no JSON object with an id")
                    continue
                }
                let media = item["image"] ?? item["media"]
                let stated = media?["path"]?.string.flatMap { $0.isEmpty ? nil : $0 }
                let match = Self.match(stated, id: id, subset: subset, names)
                if let rule = match?.rule, rule != LabelRule.nameOutside, let oddity = match?.oddity {
                    found.note(rule, .warning, path: list.path, keyPath: id, "the name \(oddity)")
                }
                let name = match?.path ?? stated ?? id
                guard taken.insert(name).inserted else {
                    found.drop(
                        .images, LabelRule.duplicateImage, path: list.path, byte: place.lowerBound, id: id,
                        "another item is of the image \(name) already")
                    continue
                }
                let size = media?["size"]?.array?.compactMap(\.int) ?? []
                places.append((number, place))
                self.images.append(
                    COCOImage(
                        id: .integer(Int64(places.count)), fileName: name, width: size.count == 2 ? size[1] : nil,
                        height: size.count == 2 ? size[0] : nil,
                        extra: item.members(except: ["annotations", "id", "image", "media", "attr"])
                            + (item["attr"]?.members(except: []) ?? [])))
            }
        }
        categories = ids.categories
        findings = found.list
        imagesDirectory = root
        guard !self.images.isEmpty || !found.list.isEmpty else {
            throw AnnotationError(.structure, at: DataLocation(path: path), "has no items: it is no Datumaro set")
        }
    }

    private static func match(
        _ stated: String?, id: String, subset: String, _ names: FileNameIndex
    ) -> FileNameIndex.Match? {
        var candidates = [stated.map { subset + "/" + $0 }, stated].compactMap { $0 }
        for ending in FolderWalk.imageEndings.sorted() {
            candidates += ["\(subset)/\(id).\(ending)", "\(id).\(ending)"]
        }
        return candidates.lazy.compactMap { names.match($0) }.first
    }

    private static func files(at path: String, _ options: DatumaroOptions) throws -> [String] {
        guard FileSystem.isDirectory(path) else { return [path] }
        let beside = FileSystem.join(path, "annotations")
        let folder = FileSystem.isDirectory(beside) ? beside : path
        var files = try FileSystem.list(folder).filter { FolderWalk.ending($0) == "json" && !$0.hasPrefix(".") }
        if let subset = options.subset { files = files.filter { FolderWalk.stem($0) == subset } }
        guard !files.isEmpty else {
            throw AnnotationError(
                .structure, at: DataLocation(path: folder),
                options.subset.map { "there is no subset \($0)" } ?? "there is no JSON file of annotations")
        }
        return files.map { FileSystem.join(folder, $0) }
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        let (number, place) = places[index]
        var sheet = LabelSheet(of: images[index], at: index, path: lists[number].path)
        let elements = (try? lists[number].element(at: place))?["annotations"]?.array ?? []
        let order = elements.enumerated().sorted {
            (($0.element["z_order"]?.int ?? 0), $0.offset) < (($1.element["z_order"]?.int ?? 0), $1.offset)
        }
        var groups = ObjectGroups()
        for (at, element) in order {
            add(element, "annotations[\(at)]", labelIDs[number], &groups, &sheet, height: height, width: width)
        }
        groups.write(to: &sheet, height: height, width: width)
        return sheet.finish(report)
    }

    private func add(
        _ element: JSONValue, _ place: String, _ labels: [COCOIdentifier], _ groups: inout ObjectGroups,
        _ sheet: inout LabelSheet, height: Int, width: Int
    ) {
        let kind = element["type"]?.string ?? ""
        guard ["mask", "polygon", "bbox", "rotated_bbox", "ellipse"].contains(kind) else {
            if ["label", "caption"].contains(kind) {
                sheet.note(LabelRule.ignoredPart, .note, keyPath: place, "a \(kind) is about the image, and is ignored")
            } else {
                sheet.drop(LabelRule.shapeKind, keyPath: place, "a \(kind) covers no area")
            }
            return
        }
        guard let label = element["label_id"]?.int, labels.indices.contains(label) else {
            sheet.drop(
                LabelRule.unknownCategory, keyPath: place,
                "label \(element["label_id"]?.text() ?? "?") is not in the file")
            return
        }
        var part = ObjectGroups.Object(category: labels[label], place: place)
        let attributes = element["attributes"]
        part.isCrowd = attributes?["is_crowd"]?.bool == true || attributes?["is_crowd"]?.int == 1
        part.extra = attributes.map { $0.members(except: ["is_crowd"]) } ?? []
        func numbers(_ key: String) -> [Double] {
            let values = element[key]?.array ?? []
            let numbers = values.compactMap(\.double)
            return numbers.count == values.count ? numbers : []
        }
        func bad(_ what: String) { sheet.drop(LabelRule.badValue, keyPath: place, "the \(kind) \(what)") }
        let points = numbers("points")
        switch kind {
        case "mask":
            guard let size = element["rle"]?["size"]?.array?.compactMap(\.int), size.count == 2,
                let counts = element["rle"]?["counts"]
            else { return bad("has no rle with size and counts") }
            do {
                let segmentation: Segmentation
                if let text = counts.string {
                    segmentation = .compressed(height: size[0], width: size[1], bytes: Array(text.utf8))
                } else {
                    let runs = (counts.array ?? []).compactMap(\.int)
                    segmentation = .runs(height: size[0], width: size[1], counts: runs)
                }
                part.masks = [try segmentation.rle(height: height, width: width)]
            } catch {
                sheet.drop(error.codeName, keyPath: place, error.message)
                return
            }
        case "polygon":
            guard points.count >= 6, points.count % 2 == 0 else { return bad("has no three points") }
            part.rings = [points]
        case "ellipse":
            guard points.count == 4, points[2] > points[0], points[3] > points[1] else { return bad("has no box") }
            part.rings = [
                ShapeOutlines.ellipse(
                    x: (points[0] + points[2]) / 2, y: (points[1] + points[3]) / 2,
                    radiusX: (points[2] - points[0]) / 2,
                    radiusY: (points[3] - points[1]) / 2)
            ]
        case "rotated_bbox":
            let box = numbers("bbox")
            guard box.count == 5, box[2] > 0, box[3] > 0 else { return bad("has no centre, size and angle") }
            part.rings = [
                ShapeOutlines.rectangle(
                    Box(x: box[0] - box[2] / 2, y: box[1] - box[3] / 2, width: box[2], height: box[3]), degrees: box[4])
            ]
        default:
            let box = numbers("bbox")
            guard box.count == 4, box[2] > 0, box[3] > 0 else { return bad("has no x, y, width, height") }
            part.box = Box(x: box[0], y: box[1], width: box[2], height: box[3])
        }
        let group = element["group"]?.int ?? 0
        groups.add(part, group: group == 0 ? nil : String(group))
    }
}
