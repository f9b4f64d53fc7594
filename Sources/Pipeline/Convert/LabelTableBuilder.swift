internal import Annotations
internal import Runtime

/// Collects a ``LabelTable`` in one pass over a COCO file.
struct LabelTableBuilder: COCOVisitor {
    private var images: [COCOImage] = []
    /// A number for each image id, whether its image or one of its annotations came first.
    private var slots: [COCOIdentifier: Int32] = [:]
    /// For each slot its image, once that has come.
    private var imageOfSlot: [Int32] = []
    private var places: [LabelTable.AnnotationPlace] = []
    private var slotOfPlace: [Int32] = []
    /// For each place its annotation's id, where that is a whole number.
    private var idOfPlace: [Int64] = []
    /// Of each id met again that is none, with the place that has it again.
    private var otherIDs: Set<COCOIdentifier> = []
    private var repeatedOthers: [Int] = []
    private var idsAscend = true
    private var lastNumber: Int64?
    private var categories: [COCOCategory] = []
    private var sections: [RawMember] = []
    private var categoryIDs: Set<COCOIdentifier> = []
    private var ledger = FindingLedger()
    private let keepsImageMembers: Bool
    private let listener: ((LabelFinding) -> Void)?

    private init(keepsImageMembers: Bool, listener: ((LabelFinding) -> Void)?) {
        self.keepsImageMembers = keepsImageMembers
        self.listener = listener
    }

    /// Reads the file at `path`.
    ///
    /// - Parameters:
    ///   - keepsImageMembers: keep what is said of images beside name and size.
    ///   - listener: told each finding, beside the counts in the table.
    /// - Throws: `FileError`, `AnnotationError`.
    static func read(
        path: String, keepsImageMembers: Bool, listener: ((LabelFinding) -> Void)? = nil
    ) throws -> LabelTable {
        var builder = LabelTableBuilder(keepsImageMembers: keepsImageMembers, listener: listener)
        try COCOReader.scan(path: path, &builder)
        return try builder.table(of: LabelFile(path: path))
    }

    mutating func visit(_ image: COCOImage) {
        let slot = slot(of: image.id)
        guard imageOfSlot[slot] < 0 else {
            report(
                Finding(
                    rule: ConversionRule.imageDuplicateID, severity: .error, location: image.location,
                    message: "another image has the id \(image.id) already; this one, \(image.fileName), is dropped"),
                dropped: .images)
            return
        }
        imageOfSlot[slot] = Int32(images.count)
        images.append(image)
        if !keepsImageMembers { images[images.count - 1].extra = [] }
    }

    mutating func visit(_ annotation: COCOAnnotation) { add(LabelTablePart.Row(annotation), linesBefore: 0) }

    func emptyPart() -> LabelTablePart? { LabelTablePart() }

    mutating func take(_ part: LabelTablePart, linesBefore: Int) {
        for row in part.rows { add(row, linesBefore: linesBefore) }
    }

    private mutating func add(_ row: LabelTablePart.Row, linesBefore: Int) {
        noteID(row.id)
        slotOfPlace.append(Int32(slot(of: row.imageID)))
        places.append(
            LabelTable.AnnotationPlace(offset: row.offset, line: Int32(clamping: row.line + linesBefore)))
    }

    mutating func visit(_ category: COCOCategory) {
        guard categoryIDs.insert(category.id).inserted else {
            var location = category.location
            location.keyPath = category.id.description
            report(
                Finding(
                    rule: ConversionRule.categoryDuplicateID, severity: .warning, location: location,
                    message: "another category has the id \(category.id) already; the first one counts"),
                dropped: .categories)
            return
        }
        categories.append(category)
    }

    mutating func visit(section: RawMember) { sections.append(section) }

    mutating func report(_ finding: Finding, dropped: COCOSection?) {
        ledger.add(LabelFinding(finding, dropped: dropped))
        listener?(LabelFinding(finding, dropped: dropped))
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
        let newIDs = try renumberRepeated(in: file)
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
        var ranges = [Range<Int>](repeating: 0..<0, count: images.count)
        for (slot, image) in imageOfSlot.enumerated() where image >= 0 {
            ranges[Int(image)] = starts[slot]..<ends[slot]
        }
        return LabelTable(
            images: images, categories: categories, sections: sections, annotations: grouped, ranges: ranges,
            newIDs: newIDs, ledger: ledger)
    }

    // MARK: Ids of annotations

    /// No whole number of an annotation; there is nothing to be said against it, but it has to be kept apart.
    private static let noNumber = Int64.min

    private mutating func noteID(_ id: COCOIdentifier) {
        let number = id.int64 ?? Self.noNumber
        if number == Self.noNumber {
            if !otherIDs.insert(id).inserted { repeatedOthers.append(places.count) }
        } else {
            if let last = lastNumber, number <= last { idsAscend = false }
            lastNumber = number
        }
        idOfPlace.append(number)
    }

    /// The places whose ids others before them have. Ids that ascend, as most files', need no looking up.
    private func repeatedPlaces() -> [Int] {
        if idsAscend { return repeatedOthers }
        let sorted = idOfPlace.sorted()
        var repeated: Set<Int64> = []
        for (id, next) in zip(sorted, sorted.dropFirst()) where id == next && id != Self.noNumber {
            repeated.insert(id)
        }
        var seen: Set<Int64> = []
        var found = repeatedOthers
        for (place, id) in idOfPlace.enumerated() where repeated.contains(id) {
            if !seen.insert(id).inserted { found.append(place) }
        }
        return found.sorted()
    }

    /// Gives annotations whose id another has already one of their own, by their places.
    private mutating func renumberRepeated(in file: LabelFile) throws -> [Int: COCOIdentifier] {
        let repeated = repeatedPlaces().filter { imageOfSlot[Int(slotOfPlace[$0])] >= 0 }
        if repeated.isEmpty { return [:] }
        var newIDs: [Int: COCOIdentifier] = [:]
        var number = idOfPlace.max() ?? 0
        for place in repeated {
            guard let annotation = try file.annotation(at: places[place]) else { continue }
            var id: COCOIdentifier
            if idOfPlace[place] != Self.noNumber, number < Int64.max {
                number += 1
                id = .integer(number)
            } else {
                var copy = 2
                repeat {
                    id = .text("\(annotation.id)#\(copy)")
                    copy += 1
                } while !otherIDs.insert(id).inserted
            }
            newIDs[places[place].offset] = id
            report(
                Finding(
                    rule: ConversionRule.annotationDuplicateID, severity: .warning, location: annotation.location,
                    message: "another annotation has the id \(annotation.id) already; this one gets \(id)"),
                dropped: nil)
        }
        return newIDs
    }

    /// Annotations of images that the file does not list; their ids are read again, as few files have any.
    private mutating func dropDanglingAnnotations(of file: LabelFile) throws {
        for (place, slot) in zip(places, slotOfPlace) where imageOfSlot[Int(slot)] < 0 {
            guard let annotation = try file.annotation(at: place) else { continue }
            var location = annotation.location
            location.imageID = nil
            report(
                Finding(
                    rule: ConversionRule.annotationImage, severity: .error, location: location,
                    message: "image \(annotation.imageID) is not in the file; the annotation is dropped"),
                dropped: .annotations)
        }
    }
}
