internal import Annotations
internal import JSONText
internal import Runtime

/// Follows a COCO file element by element and applies the rules.
struct COCOAuditVisitor: COCOVisitor {
    /// Coordinates and runs that are collected before a batch of annotations is checked in parallel.
    private static let batchNumbers = 200_000
    private static let batchImages = 256

    /// What waits for its turn, in the order of the file.
    private enum Pending {
        case finding(Finding)
        case annotation(COCOAnnotation, index: Int, image: Int?, size: ImageSize?)
    }

    private(set) var recorder: AuditRecorder
    /// What could be set right, in the order of the file; nil when nobody asks.
    private(set) var repairs: [COCORepair]?
    private let folder: ImagesFolder?
    private let progress: (Int) -> Void
    private var images = ImageTable()
    /// The images that a scan before this one found, and whether that scan saw the whole file.
    private var foreseen: (images: ImageTable, isWhole: Bool)?
    private var categories = CategoryTable()
    private var annotations = IdentifierIndex()
    private var duplicates = DuplicateObjects()
    private var tally = Tally()
    private var idTypes = IdentifierTypes()
    private var pending: [Pending] = []
    private var pendingNumbers = 0
    private var pendingImages: [(image: COCOImage, index: Int, isFirst: Bool)] = []
    private var isCategoryListMissing = false

    /// - Parameter collectsRepairs: whether ``repairs`` are wanted.
    init(
        recorder: AuditRecorder, folder: ImagesFolder?, collectsRepairs: Bool = false,
        progress: @escaping (Int) -> Void
    ) {
        self.recorder = recorder
        repairs = collectsRepairs ? [] : nil
        self.folder = recorder.selection.contains(family: "image") ? folder : nil
        self.progress = progress
    }

    var summary: AuditSummary { recorder.summary }

    /// Takes over what an earlier scan knows of the images, where annotations come first.
    mutating func adopt(_ images: ImageTable, isWhole: Bool) { foreseen = (images, isWhole) }

    // MARK: Elements

    mutating func visit(_ image: COCOImage) throws {
        recorder.summary.images += 1
        idTypes.note(image.id, in: .images, at: image.location)
        let (index, earlier) = images.add(image)
        if let earlier {
            try recorder.record(
                "schema.duplicate-image-id", at: image.location,
                "image id \(image.id) stands already at byte \(images.ids.offset(at: earlier))")
        }
        if ImageTable.statedSize(of: image) == nil && image.extra["width"] == nil && image.extra["height"] == nil {
            let sides =
                "width \(image.width.map(String.init) ?? "missing"), height \(image.height.map(String.init) ?? "missing")"
            try recorder.record("schema.image-size", at: image.location, sides)
        }
        guard folder != nil, !image.fileName.isEmpty else {
            if earlier == nil { try noteFile(image.fileName, of: image, index) }
            return
        }
        pendingImages.append((image, index, earlier == nil))
        if pendingImages.count >= Self.batchImages { try flushImages() }
    }

    /// - Parameter file: the image's.
    private mutating func noteFile(_ file: String, of image: COCOImage, _ index: Int) throws {
        guard let other = images.noteFile(file, of: index) else { return }
        try recorder.record(
            "image.duplicate-file", at: image.location,
            "\"\(image.fileName)\" is also the file of image \(images.ids.id(at: other))")
    }

    mutating func visit(_ category: COCOCategory) throws {
        recorder.summary.categories += 1
        idTypes.note(category.id, in: .categories, at: category.location)
        let (index, earlier) = categories.add(category)
        if let earlier {
            try recorder.record(
                "schema.duplicate-category-id", at: category.location,
                "category id \(category.id) stands already at byte \(categories.ids.offset(at: earlier))")
        } else if let other = categories.noteName(category.name, of: index) {
            try recorder.record(
                "schema.duplicate-category-name", at: category.location,
                "\"\(category.name)\" is also the name of category \(categories.ids.id(at: other))")
        }
    }

    mutating func visit(_ annotation: COCOAnnotation) throws {
        if !pendingImages.isEmpty { try flushImages() }
        recorder.summary.annotations += 1
        tally.note(annotation)
        idTypes.note(annotation.id, in: .annotations, at: annotation.location)
        let (index, earlier) = annotations.add(annotation.id, offset: annotation.origin.position?.byteOffset ?? 0)
        if let earlier {
            try note(
                "schema.duplicate-annotation-id", at: annotation.location,
                "annotation id \(annotation.id) stands already at byte \(annotations.offset(at: earlier))")
        }
        if annotation.id == 0 { try note("schema.id-zero", at: annotation.location, "the id is \(annotation.id)") }
        let (image, size) = try findImage(of: annotation)
        pending.append(.annotation(annotation, index: index, image: image, size: size))
        pendingNumbers += 64 + annotation.numberCount
        if pendingNumbers >= Self.batchNumbers { try flush() }
    }

    mutating func report(_ finding: Finding, dropped: COCOSection?) throws {
        if finding.rule == COCORule.missingSection && finding.location.keyPath == COCOSection.categories.rawValue {
            isCategoryListMissing = true
        }
        pending.append(.finding(finding))
        pendingNumbers += 64
        if pendingNumbers >= Self.batchNumbers { try flush() }
    }

    private mutating func note(_ rule: String, at location: DataLocation, _ message: String) throws {
        pending.append(.finding(AuditRules.rule(rule).finding(at: location, message)))
    }

    private mutating func findImage(of annotation: COCOAnnotation) throws -> (index: Int?, size: ImageSize?) {
        let table = foreseen?.images ?? images
        if let index = table.ids.index(of: annotation.imageID) { return (index, table.size(at: index)) }
        // An image that a scan of a broken file did not reach may well be there.
        if foreseen?.isWhole == false { return (nil, nil) }
        let id = annotation.imageID
        let hint = id.ofOtherType.map { table.ids.index(of: $0) != nil } ?? false
        try note(
            "schema.dangling-image", at: annotation.location,
            "image id \(id) is not in images" + (hint ? ", but there is one that differs in type (text or number)" : "")
        )
        return (nil, nil)
    }

    // MARK: Batches

    /// Checks the annotations that wait, in parallel, and reports on them in order.
    private mutating func flush() throws {
        let batch = pending
        pending.removeAll(keepingCapacity: true)
        pendingNumbers = 0
        let checks = try Workers.map(batch.count, grain: 16) { index -> ObjectCheck? in
            guard case .annotation(let annotation, _, _, let size) = batch[index] else { return nil }
            return ObjectCheck(annotation, size: size)
        }
        for (item, check) in zip(batch, checks) {
            switch item {
            case .finding(let finding): try recorder.record(finding)
            case .annotation(let annotation, let index, let image, _):
                for finding in check?.findings ?? [] { try recorder.record(finding) }
                if check?.hasBoxArea == true { tally.noteBoxArea(at: annotation.location) }
                var repair = check?.repair ?? COCORepair()
                if try settle(annotation, index: index, image: image, digest: check?.digest) {
                    repair = COCORepair(isRemoved: true, rules: ["object.duplicate"])
                }
                collect(repair, of: annotation)
            }
        }
        progress(recorder.summary.annotations)
    }

    /// Notes what could be set right, of rules that are in force.
    private mutating func collect(_ repair: COCORepair, of annotation: COCOAnnotation) {
        guard repairs != nil, let offset = annotation.origin.position?.byteOffset else { return }
        var repair = repair
        repair.offset = offset
        let areaRules: Set = ["agreement.area", "agreement.box-area"]
        repair.rules.removeAll { !recorder.selection.contains($0) }
        if !repair.rules.contains(where: areaRules.contains) { repair.area = nil }
        if !repair.rules.contains(where: { !areaRules.contains($0) }) { repair.box = nil }
        if repair.isEmpty { return }
        repairs?.append(repair)
    }

    /// What needs the annotations before this one.
    ///
    /// - Returns: whether it is an earlier one a second time.
    private mutating func settle(_ annotation: COCOAnnotation, index: Int, image: Int?, digest: UInt64?) throws -> Bool
    {
        let category = categories.noteUse(of: annotation.categoryID, at: annotation.location)
        guard let image, let digest,
            let match = duplicates.add(
                digest: digest, isCrowd: annotation.isCrowd, image: image, category: category, annotation: index)
        else { return false }
        let what = annotation.segmentation == nil ? "box" : "mask"
        let other = annotations.id(at: match.annotation)
        try recorder.record(
            match.isSameCategory ? "object.duplicate" : "object.conflict", at: annotation.location,
            "the same \(what) as annotation \(other)\(match.isSameCategory ? "" : ", whose class is another")")
        return match.isSameCategory
    }

    /// Reads the headers of the image files that wait, in parallel, and reports on them in order.
    private mutating func flushImages() throws {
        guard let folder else { return }
        let batch = pendingImages
        pendingImages.removeAll(keepingCapacity: true)
        let checks = try Workers.map(batch.count, grain: 4) { index in
            let image = batch[index].image
            return ImageFileCheck(
                name: image.fileName, folder: folder, stated: ImageTable.statedSize(of: image), location: image.location
            )
        }
        for (item, check) in zip(batch, checks) {
            if item.isFirst { try noteFile(check.file ?? item.image.fileName, of: item.image, item.index) }
            for finding in check.findings { try recorder.record(finding) }
            guard let size = check.size else { continue }
            recorder.summary.probedImages += 1
            if images.size(at: item.index) == nil { images.set(size, at: item.index) }
        }
    }

    // MARK: End

    /// Reports what only the whole file can tell.
    ///
    /// - Parameter failure: why the file could not be read to its end.
    mutating func end(failure: AnnotationError?) throws {
        if !pendingImages.isEmpty { try flushImages() }
        try flush()
        for finding in idTypes.findings + tally.findings { try recorder.record(finding) }
        if let failure {
            recorder.summary.isComplete = false
            let rule =
                switch failure.code {
                case .truncated: "json.truncated"
                case .structure: "schema.structure"
                default: "json.syntax"
                }
            try recorder.record(rule, at: failure.location ?? DataLocation(), failure.message)
            return
        }
        if isCategoryListMissing { return }
        for (id, use) in categories.dangling {
            try recorder.record(
                "schema.dangling-category", at: use.location,
                "category id \(id) is not in categories; \(use.count) \(use.count == 1 ? "annotation uses" : "annotations use") it"
            )
        }
    }
}

extension COCOAnnotation {
    /// How many coordinates or runs the segmentation has: the measure of the work that it makes.
    fileprivate var numberCount: Int {
        switch segmentation {
        case nil: 0
        case .polygons(let rings): rings.reduce(0) { $0 + $1.count }
        case .runs(_, _, let counts): counts.count
        case .compressed(_, _, let bytes): bytes.count
        }
    }
}
