package import Annotations
private import Runtime
private import Synchronization

/// The objects of a COCO or LVIS file, as pycocotools understands them: nothing is clipped, repaired or checked.
///
/// Memory grows by the images, and by 8 bytes an object (some 30 while the file is opened): an object is read again when its
/// image is asked for.
package final class GroundTruthFile: LabelSource {
    package let categories: [COCOCategory]
    package let images: [COCOImage]
    /// Empty: everything was reported while the file was opened.
    package let findings: [LabelFinding] = []
    private let file: MappedFile
    /// Where objects start in the file, image after image.
    private let offsets: [Int]
    /// Where each image's part of ``offsets`` ends.
    private let ends: [Int]
    /// Readers that no thread has in use; each has learnt how the file writes its objects.
    private let readers = Mutex<[COCOAnnotationReader]>([])

    /// Objects that are read before one that is on its way from memory, also of the images that follow.
    private static let lookahead = 4
    /// Bytes of an object's text.
    private static let usualLength = 512

    /// Keys of images that are kept beside COCO's: what LVIS knows of the classes of an image.
    private static let keptKeys: Set<String> = ["neg_category_ids", "not_exhaustive_category_ids"]

    /// - Parameters:
    ///   - looksUpIDs: whether of objects with the same id the last counts in the place of each, as pycocotools has it with a
    ///     truth; else their ids are of no concern, as with predictions, which it numbers itself.
    ///   - report: told what is wrong with the file, and what was left out for it.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, looksUpIDs: Bool = true, report: (LabelFinding) -> Void) throws {
        let file = try MappedFile(path: path)
        var collector = Collector(path: path, ids: looksUpIDs ? RepeatedIDs() : nil)
        try withoutActuallyEscaping(report) { report in
            collector.report = report
            defer { collector.report = nil }
            try COCOReader.scan(path: path, passesAnnotations: true, &collector)
        }
        self.file = file
        categories = collector.categories
        images = collector.images
        (offsets, ends) = try Self.grouped(collector, in: file, report: report)
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        let part = (index == 0 ? 0 : ends[index - 1])..<ends[index]
        if part.isEmpty { return [] }
        let reader = readers.withLock { $0.popLast() } ?? COCOAnnotationReader(path: file.path)
        defer { readers.withLock { $0.append(reader) } }
        return try file.withBytes(reading: offsets[part.lowerBound]..<offsets[part.lowerBound] + part.count << 10) {
            bytes in
            var annotations: [COCOAnnotation] = []
            annotations.reserveCapacity(part.count)
            for place in part {
                let next = place + Self.lookahead
                if next < offsets.count {
                    file.cache(offsets[next]..<min(offsets[next] + Self.usualLength, bytes.count))
                }
                var findings: [Finding] = []
                let annotation = try reader.annotation(in: bytes, at: offsets[place]) { findings.append($0) }
                for finding in LabelFinding.about(findings, dropped: annotation == nil ? .annotations : nil) {
                    report(finding)
                }
                if let annotation { annotations.append(annotation) }
            }
            return annotations
        }
    }

    /// Sorts the objects by image, each image's in the order of the file; reports those without an image.
    private static func grouped(
        _ collector: Collector, in file: MappedFile, report: (LabelFinding) -> Void
    ) throws -> (offsets: [Int], ends: [Int]) {
        let places = Dictionary(uniqueKeysWithValues: collector.images.enumerated().map { ($1.id, $0) })
        let imagePlaces = collector.imageIDs.ids.map { places[$0] }
        var rows = collector.rows
        let lastRows = collector.ids?.lastRows ?? [:]
        var ends = [Int](repeating: 0, count: collector.images.count)
        for (index, row) in rows.enumerated() {
            guard imagePlaces[Int(row.image)] != nil else {
                try reportDropped(row.offset, in: file, rule: PredictionRule.danglingImage, report: report) { found in
                    let hint = found.imageID.typeHint("image") { places[$0] != nil }
                    return "the file has no image \(found.imageID)\(hint); the annotation is dropped"
                }
                continue
            }
            if let last = lastRows[index] {
                let place = collector.rows[last].offset
                try reportDropped(row.offset, in: file, rule: PredictionRule.duplicateAnnotation, report: report) {
                    "the id \($0.id) is given to another annotation at byte \(place); as in pycocotools, that one counts in the place of this one, which is dropped"
                }
                rows[index] = collector.rows[last]
            }
            if let image = imagePlaces[Int(rows[index].image)] { ends[image] += 1 }
        }
        var total = 0
        for image in ends.indices {
            (ends[image], total) = (total, total + ends[image])
        }
        var offsets = [Int](repeating: 0, count: total)
        for row in rows {
            guard let image = imagePlaces[Int(row.image)] else { continue }
            offsets[ends[image]] = row.offset
            ends[image] += 1
        }
        return (offsets, ends)
    }

    /// Reports the object at `offset`, which is dropped.
    private static func reportDropped(
        _ offset: Int, in file: MappedFile, rule: String, report: (LabelFinding) -> Void,
        message: (COCOAnnotation) -> String
    ) throws {
        let annotation = try file.withBytes { try COCOReader.annotation(in: $0, at: offset, path: file.path) }
        guard let annotation else { return }
        let location = DataLocation(
            path: file.path, byteOffset: offset, imageID: annotation.imageID.description,
            annotationID: annotation.id.description)
        report(
            LabelFinding(
                Finding(rule: rule, severity: .error, location: location, message: message(annotation)),
                dropped: .annotations))
    }

    /// What one pass over the file leaves in memory.
    private struct Collector: COCOVisitor {
        struct Row {
            var image: Int32
            var offset: Int
        }

        let path: String
        /// Nil where ids of objects are of no concern.
        var ids: RepeatedIDs?
        var report: ((LabelFinding) -> Void)?
        var images: [COCOImage] = []
        var categories: [COCOCategory] = []
        var imageIDs = IdentifierTable()
        var rows: [Row] = []
        private var knownImages: Set<COCOIdentifier> = []
        private var knownCategories: Set<COCOIdentifier> = []

        init(path: String, ids: RepeatedIDs?) {
            self.path = path
            self.ids = ids
        }

        mutating func visit(_ image: COCOImage) {
            guard knownImages.insert(image.id).inserted else {
                drop(PredictionRule.duplicateImage, "image", image.id, image.location, .images)
                return
            }
            var image = image
            image.extra.removeAll { !GroundTruthFile.keptKeys.contains($0.name) }
            images.append(image)
        }

        mutating func visit(_ category: COCOCategory) {
            guard knownCategories.insert(category.id).inserted else {
                drop(PredictionRule.duplicateCategory, "category", category.id, category.location, .categories)
                return
            }
            categories.append(category)
        }

        mutating func visit(_ place: COCOAnnotationPlace) {
            rows.append(Row(image: imageIDs.number(of: place.imageID), offset: place.offset))
            ids?.add(place.id)
            if place.id == 0 {
                report?(
                    LabelFinding(
                        Finding(
                            rule: PredictionRule.idZero, severity: .warning,
                            location: DataLocation(
                                path: path, byteOffset: place.offset, imageID: place.imageID.description,
                                annotationID: "0"),
                            message:
                                "the annotation's id is 0, which pycocotools takes for \"not found\"; here it counts"
                        )))
            }
        }

        mutating func report(_ finding: Finding, dropped: COCOSection?) {
            report?(LabelFinding(finding, dropped: dropped))
        }

        private func drop(
            _ rule: String, _ name: String, _ id: COCOIdentifier, _ location: DataLocation, _ section: COCOSection
        ) {
            report?(
                LabelFinding(
                    Finding(
                        rule: rule, severity: .error, location: location,
                        message: "the id \(id) was given to \(name) before; this one is dropped"),
                    dropped: section))
        }
    }
}
