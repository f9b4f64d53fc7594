internal import Annotations
private import JSONText
internal import Runtime
internal import Shards

/// Collects a ``LabelTable`` in one pass over a COCO file.
struct LabelTableBuilder: COCOVisitor {
    private var images: [LabelTable.Image] = []
    /// A number for each image id, whether its image or one of its annotations came first.
    private var slots: [COCOIdentifier: Int32] = [:]
    /// For each slot its image, once that has come.
    private var imageOfSlot: [Int32] = []
    private var places: [LabelTable.AnnotationPlace] = []
    private var slotOfPlace: [Int32] = []
    private var categories: [COCOCategory] = []
    private var ledger = FindingLedger()

    /// Reads the file at `path`.
    ///
    /// - Throws: `FileError`, `AnnotationError`.
    static func read(path: String) throws -> LabelTable {
        var builder = LabelTableBuilder()
        try COCOReader.scan(path: path, &builder)
        return try builder.table(of: LabelFile(path: path))
    }

    mutating func visit(_ image: COCOImage) {
        let slot = slot(of: image.id)
        guard imageOfSlot[slot] < 0 else {
            ledger.drop(
                .image,
                Finding(
                    rule: ConversionRule.imageDuplicateID, severity: .error, location: image.location,
                    message: "another image has the id \(image.id) already; this one, \(image.fileName), is dropped"))
            return
        }
        imageOfSlot[slot] = Int32(images.count)
        images.append(
            LabelTable.Image(
                id: image.id.description, fileName: image.fileName, width: image.width, height: image.height,
                location: image.location))
    }

    mutating func visit(_ annotation: COCOAnnotation) {
        slotOfPlace.append(Int32(slot(of: annotation.imageID)))
        places.append(
            LabelTable.AnnotationPlace(
                offset: annotation.origin.position?.byteOffset ?? 0,
                line: Int32(clamping: annotation.origin.position?.line ?? 0)))
    }

    mutating func visit(_ category: COCOCategory) { categories.append(category) }

    mutating func report(_ finding: Finding, dropped: COCOSection?) {
        switch dropped {
        case .images: ledger.drop(.image, finding)
        case .annotations: ledger.drop(.annotation, finding)
        case .categories: ledger.drop(.category, finding)
        case nil: ledger.note(finding)
        }
    }

    private mutating func slot(of id: COCOIdentifier) -> Int {
        if let slot = slots[id] { return Int(slot) }
        slots[id] = Int32(imageOfSlot.count)
        imageOfSlot.append(-1)
        return imageOfSlot.count - 1
    }

    // MARK: The table

    private consuming func table(of file: LabelFile) throws -> LabelTable {
        try dropDanglingAnnotations(of: file)
        // Counting sort by slot: stable, and no more than one number an annotation beside the result.
        var starts = [Int](repeating: 0, count: imageOfSlot.count + 1)
        for slot in slotOfPlace where imageOfSlot[Int(slot)] >= 0 { starts[Int(slot) + 1] += 1 }
        for slot in imageOfSlot.indices { starts[slot + 1] += starts[slot] }
        var grouped = [LabelTable.AnnotationPlace](
            repeating: LabelTable.AnnotationPlace(offset: 0, line: 0), count: starts[imageOfSlot.count])
        var ends = starts
        for (place, slot) in zip(places, slotOfPlace) where imageOfSlot[Int(slot)] >= 0 {
            grouped[ends[Int(slot)]] = place
            ends[Int(slot)] += 1
        }
        for (slot, image) in imageOfSlot.enumerated() where image >= 0 {
            images[Int(image)].annotations = starts[slot]..<ends[slot]
        }
        let (classes, indexes) = classTable()
        return LabelTable(
            images: images, annotations: grouped, classes: classes, classIndexes: indexes, ledger: ledger)
    }

    /// Annotations of images that the file does not list; their ids are read again, as few files have any.
    private mutating func dropDanglingAnnotations(of file: LabelFile) throws {
        for (place, slot) in zip(places, slotOfPlace) where imageOfSlot[Int(slot)] < 0 {
            guard let annotation = try file.annotation(at: place) else { continue }
            var location = annotation.location
            location.imageID = nil
            ledger.drop(
                .annotation,
                Finding(
                    rule: ConversionRule.annotationImage, severity: .error, location: location,
                    message: "image \(annotation.imageID) is not in the file; the annotation is dropped"))
        }
    }

    /// The classes in the file's order. Ids that are not integers get numbers above those that are.
    private mutating func classTable() -> (classes: [ShardClass], indexes: [COCOIdentifier: Int]) {
        var classes: [ShardClass] = []
        var indexes: [COCOIdentifier: Int] = [:]
        var nextFree = (categories.compactMap(\.id.int64).max() ?? 0).addingReportingOverflow(1).partialValue
        for category in categories {
            guard indexes[category.id] == nil else {
                ledger.drop(
                    .category,
                    finding(
                        ConversionRule.categoryDuplicateID, .warning, category,
                        "another category has the id \(category.id) already; the first one counts"))
                continue
            }
            indexes[category.id] = classes.count
            if let id = category.id.int64 {
                classes.append(ShardClass(categoryID: id, name: category.name, supercategory: category.supercategory))
                continue
            }
            classes.append(
                ShardClass(
                    categoryID: nextFree, name: category.name, supercategory: category.supercategory,
                    sourceID: category.id.description))
            ledger.note(
                finding(
                    ConversionRule.categoryIDType, .note, category,
                    "the id \(category.id) is not an integer; records use \(nextFree)"))
            nextFree &+= 1
        }
        return (classes, indexes)
    }

    private func finding(
        _ rule: String, _ severity: Severity, _ category: COCOCategory, _ message: String
    ) -> Finding {
        var location = category.location
        location.keyPath = category.id.description
        return Finding(rule: rule, severity: severity, location: location, message: message)
    }
}
