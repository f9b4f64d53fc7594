internal import JSONText
internal import Masks
internal import Runtime

/// A set in the layout of SA-1B: `sa_N.jpg` with `sa_N.json`, in a folder, a tar file, or a folder of tar files.
///
/// SA-1B has masks without classes; `category_id`, `category_name` and `iscrowd`, which samdata adds, are read where they
/// are. Source: facebookresearch/segment-anything, README, "Dataset".
package struct SegmentAnythingSource: LabelSource {
    package let categories: [COCOCategory]
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    private let store: SampleStore
    private var entries: [SampleStore.Entry] = []
    private let categoryIDs: Set<COCOIdentifier>

    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String) throws {
        let store = try SampleStore(path: path)
        self.store = store
        imagesDirectory = store.directory
        var found = store.findings
        let heads = try Workers.map(store.entries.count) { index in
            Result { try store.withLabels(store.entries[index]) { try SegmentAnythingHead($0, path: path) } }
        }
        var names: [COCOIdentifier: String] = [:]
        var taken: Set<COCOIdentifier> = []
        for (entry, outcome) in zip(store.entries, heads) {
            let head: SegmentAnythingHead
            do {
                head = try outcome.get()
            } catch {
                found.drop(.images, LabelRule.unreadable, path: entry.labelsPath, id: entry.key, failureReason(error))
                continue
            }
            guard head.hasAnnotations else {
                found.note(
                    LabelRule.ignoredPart, .note, path: entry.labelsPath,
                    "has no annotations: it is no file of SA-1B, and is ignored")
                continue
            }
            guard let picture = entry.imageName else {
                found.drop(
                    .images, LabelRule.imageMissing, path: entry.labelsPath, id: entry.key,
                    "there is no image beside it")
                continue
            }
            let id = head.imageID ?? .text(entry.key)
            guard taken.insert(id).inserted else {
                found.drop(
                    .images, LabelRule.duplicateImage, path: entry.labelsPath, id: id.description,
                    "another image has the id \(id) already")
                continue
            }
            for (id, name) in head.categories where names[id, default: ""].isEmpty { names[id] = name }
            entries.append(entry)
            images.append(COCOImage(id: id, fileName: picture, width: head.width, height: head.height))
        }
        guard !images.isEmpty || !found.list.isEmpty else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path), "there is no JSON file with an image of the same name")
        }
        // Masks without a class are of one class.
        categories =
            names.isEmpty
            ? [COCOCategory(id: 1, name: "object")]
            : names.sorted { $0.key < $1.key }.map { COCOCategory(id: $0.key, name: $0.value) }
        categoryIDs = Set(names.keys)
        findings = found.list
    }

    package func members(ofImage index: Int) throws -> [RawMember] {
        // A file that has gone bad since is reported with its objects.
        let tree = try? store.withLabels(entries[index]) { try JSONDocument.parse($0) }
        return tree?["image"]?.members(except: ["image_id", "width", "height", "file_name"]) ?? []
    }

    package func encodedImage(at index: Int) throws -> [UInt8]? { store.encodedImage(entries[index]) }

    package func encodedImageBytes(at index: Int) throws -> Int? { store.encodedImageBytes(entries[index]) }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        var sheet = LabelSheet(of: images[index], at: index, path: entries[index].labelsPath)
        let list: [JSONValue]
        do {
            let tree = try store.withLabels(entries[index]) { try JSONDocument.parse($0, path: sheet.path) }
            list = tree["annotations"]?.array ?? []
        } catch {
            sheet.dropImage(LabelRule.unreadable, failureReason(error))
            return sheet.finish(report)
        }
        for (at, element) in list.enumerated() {
            add(element, place: "annotations[\(at)]", to: &sheet)
        }
        return sheet.finish(report)
    }

    private func add(_ element: JSONValue, place: String, to sheet: inout LabelSheet) {
        let mask = element["segmentation"]
        let size = (mask?["size"]?.array ?? []).compactMap(\.int)
        guard let counts = mask?["counts"], size.count == 2 else {
            sheet.drop(LabelRule.badValue, keyPath: place, "the segmentation has no size and counts")
            return
        }
        let category = element["category_id"]?.identifier ?? 1
        guard categoryIDs.isEmpty || categoryIDs.contains(category) else {
            sheet.drop(LabelRule.unknownCategory, keyPath: place, "the object has no category, and others have")
            return
        }
        let segmentation: Segmentation
        if let text = counts.string {
            segmentation = .compressed(height: size[0], width: size[1], bytes: Array(text.utf8))
        } else if let runs = counts.array?.compactMap(\.int), runs.count == counts.array?.count {
            segmentation = .runs(height: size[0], width: size[1], counts: runs)
        } else {
            sheet.drop(LabelRule.badValue, keyPath: place, "the counts are neither a text nor whole numbers")
            return
        }
        let box = (element["bbox"]?.array ?? []).compactMap(\.double)
        let kept =
            (element["id"].map { [RawMember("sa_id", $0)] } ?? [])
            + element.members(except: [
                "id", "sa_id", "segmentation", "bbox", "area", "category_id", "category_name", "iscrowd", "image_id",
            ])
        sheet.add(
            category: category, segmentation: segmentation,
            box: box.count == 4 ? Box(x: box[0], y: box[1], width: box[2], height: box[3]) : nil,
            area: element["area"]?.double,
            isCrowd: element["iscrowd"]?.int == 1 || element["iscrowd"]?.bool == true, extra: kept)
    }
}
