internal import Images
internal import JSONText
private import Masks
internal import Runtime

/// A COCO panoptic set: a JSON file that lists the segments of each image, and a PNG for each image whose colours
/// R + 256 G + 65536 B are the segments' numbers; 0 is void.
///
/// Source: cocodataset/panopticapi, README and `panopticapi/utils.py`.
package struct PanopticSource: LabelSource {
    package private(set) var categories: [COCOCategory] = []
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    private let list: JSONList
    private let maps: String
    /// By image: the place of its annotation in the file.
    private var places: [Range<Int>?] = []
    private let categoryIDs: Set<COCOIdentifier>

    /// - Parameter path: of the JSON file.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, options: PanopticOptions = PanopticOptions()) throws {
        list = try JSONList(path: path)
        maps = options.maps ?? FolderWalk.stem(path)
        imagesDirectory = LabelFormat.images(beside: path)
        let list = list
        var found = SetFindings()
        var images: [COCOImage] = []
        var categories: [COCOCategory] = []
        var annotations: [(id: COCOIdentifier, place: Range<Int>)] = []
        var sections: Set<String> = []
        let names = Set(["images", "annotations", "categories"])
        try list.scan(lists: names) { name, _, place in
            guard names.contains(name) else { return }
            sections.insert(name)
            let tree: JSONValue
            do {
                tree = try list.element(at: place)
            } catch {
                found.drop(
                    name == "images" ? .images : name == "categories" ? .categories : .annotations,
                    LabelRule.unreadable, path: path, byte: place.lowerBound, id: "byte \(place.lowerBound)",
                    failureReason(error))
                return
            }
            switch name {
            case "images":
                guard let id = tree["id"]?.identifier else {
                    found.drop(
                        .images, COCORule.missingKey, path: path, byte: place.lowerBound,
                        id: "byte \(place.lowerBound)", "the image has no id")
                    return
                }
                images.append(
                    COCOImage(
                        id: id, fileName: tree["file_name"]?.string ?? "", width: tree["width"]?.int,
                        height: tree["height"]?.int,
                        extra: tree.members(except: ["id", "file_name", "width", "height"])))
            case "categories":
                guard let id = tree["id"]?.identifier else {
                    found.drop(
                        .categories, COCORule.missingKey, path: path, byte: place.lowerBound,
                        id: "byte \(place.lowerBound)", "the category has no id")
                    return
                }
                categories.append(
                    COCOCategory(
                        id: id, name: tree["name"]?.string ?? "", supercategory: tree["supercategory"]?.string,
                        extra: tree.members(except: ["id", "name", "supercategory"])))
            default:
                guard let id = tree["image_id"]?.identifier else {
                    found.drop(
                        .annotations, COCORule.missingKey, path: path, byte: place.lowerBound,
                        id: "byte \(place.lowerBound)", "the annotation has no image_id")
                    return
                }
                annotations.append((id, place))
            }
        }
        guard sections.contains("annotations"), sections.contains("images") else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path), "a panoptic file has the lists images and annotations")
        }
        var indexes: [COCOIdentifier: Int] = [:]
        for image in images {
            guard indexes[image.id] == nil else {
                found.drop(
                    .images, LabelRule.duplicateImage, path: path, id: image.id.description,
                    "another image has the id \(image.id) already")
                continue
            }
            indexes[image.id] = self.images.count
            self.images.append(image)
        }
        places = [Range<Int>?](repeating: nil, count: self.images.count)
        for (id, place) in annotations {
            guard let index = indexes[id] else {
                found.drop(
                    .annotations, LabelRule.imageMissing, path: path, byte: place.lowerBound, id: id.description,
                    "image \(id) is not in the file")
                continue
            }
            guard places[index] == nil else {
                found.drop(
                    .annotations, LabelRule.duplicateImage, path: path, byte: place.lowerBound, id: id.description,
                    "image \(id) has an annotation already")
                continue
            }
            places[index] = place
        }
        var known: Set<COCOIdentifier> = []
        for category in categories {
            guard known.insert(category.id).inserted else {
                found.drop(
                    .categories, LabelRule.duplicateCategory, path: path, id: category.id.description,
                    "another category has the id \(category.id) already")
                continue
            }
            self.categories.append(category)
        }
        categoryIDs = known
        findings = found.list
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        var sheet = LabelSheet(of: images[index], at: index, path: list.path)
        guard let place = places[index], let tree = try? list.element(at: place) else {
            sheet.note(LabelRule.noLabels, .warning, "the image has no annotation; it is kept without objects")
            return sheet.finish(report)
        }
        let name = tree["file_name"]?.string ?? FolderWalk.stem(images[index].fileName) + ".png"
        let parts = name.split { $0 == "/" || $0 == "\\" }
        let path = FileSystem.join(maps, parts.filter { $0 != ".." }.joined(separator: "/"))
        let segments = tree["segments_info"]?.array ?? []
        let map: LabelImage
        do {
            map = try MappedFile(path: path).withBytes { try ImageCodec.decodeLabels($0) }
        } catch {
            sheet.dropImage(LabelRule.unreadable, "\(path): \(failureReason(error))")
            return sheet.finish(report)
        }
        guard map.height == height, map.width == width else {
            for at in segments.indices {
                sheet.drop(
                    LabelRule.sizeMismatch, keyPath: "segments_info[\(at)]",
                    "\(path) is \(map.width) x \(map.height), the image \(width) x \(height)")
            }
            return sheet.finish(report)
        }
        let values = map.channels >= 3 ? map.mapValues : map.palette == nil ? map.mapValues : map.mapColours
        guard let masks = try ValueRuns.masks(of: values, height: height, width: width) else {
            sheet.drop(
                LabelRule.tooManyObjects, keyPath: "segments_info",
                "\(path) has more than \(ValueRuns.maximumCount) values")
            return sheet.finish(report)
        }
        add(segments, Dictionary(masks.map { ($0.value, $0.mask) }, uniquingKeysWith: { $1 }), path, to: &sheet)
        return sheet.finish(report)
    }

    private func add(
        _ segments: [JSONValue], _ masks: [UInt32: RLE], _ path: String, to sheet: inout LabelSheet
    ) {
        var rest = masks
        for (at, segment) in segments.enumerated() {
            let place = "segments_info[\(at)]"
            guard let number = segment["id"]?.int, let value = UInt32(exactly: number) else {
                sheet.drop(LabelRule.badValue, keyPath: place, "the segment has no number as its id")
                continue
            }
            guard let category = segment["category_id"]?.identifier, categoryIDs.contains(category) else {
                rest[value] = nil
                sheet.drop(
                    LabelRule.unknownCategory, keyPath: place,
                    "category \(segment["category_id"]?.text() ?? "?") is not in the file")
                continue
            }
            guard let mask = rest.removeValue(forKey: value) else {
                let isTwice = masks[value] != nil
                sheet.drop(
                    isTwice ? LabelRule.duplicateID : LabelRule.badValue, keyPath: place,
                    isTwice ? "segment \(value) is listed twice" : "segment \(value) has no pixel in \(path)")
                continue
            }
            if let stated = segment["area"]?.double, stated != Double(mask.area) {
                sheet.note(
                    LabelRule.statedArea, .warning, keyPath: place,
                    "the stated area is \(stated), the mask's \(mask.area); the mask's counts")
            }
            sheet.add(
                category: category, mask: mask,
                isCrowd: segment["iscrowd"]?.int == 1 || segment["iscrowd"]?.bool == true,
                extra: segment.members(except: PanopticWriter.segmentKeys))
        }
        if !rest.isEmpty {
            let pixels = rest.values.reduce(0) { $0 + $1.area }
            sheet.note(
                LabelRule.unknownValue, .warning,
                "\(path) has \(rest.count) values that no segment lists, the first \(rest.keys.min() ?? 0); their "
                    + "\(pixels) pixels belong to no object")
        }
    }
}

extension JSONValue {
    /// The value as an id: a number, or a text.
    var identifier: COCOIdentifier? {
        switch self {
        case .integer(let value): .integer(value)
        case .number(let value): Int64(exactly: value).map { .integer($0) } ?? .number(text())
        case .string(let text): .text(text)
        default: nil
        }
    }

    /// The members but some, as text.
    func members(except names: Set<String>) -> [RawMember] {
        (object ?? []).filter { !names.contains($0.name) }.map { RawMember($0.name, $0.value) }
    }
}
