internal import Annotations
internal import Masks
internal import Runtime

/// The results that have an image, image after image.
struct PredictionTable: Sendable {
    let file: MappedFile
    /// Whether a result's area is that of its box, as pycocotools has it when the file's first result has a box.
    let takesAreaOfBox: Bool
    private let rows: [PredictionRow]
    private let ends: [Int]

    /// - Parameters:
    ///   - images: the truth's, in order of their places.
    ///   - areIDsStated: whether the truth states its images' ids.
    ///   - classes: those of the truth; results of classes that are not wanted are no drops.
    ///   - report: told what was dropped.
    init(
        _ scan: PredictionScan, images: [COCOImage], areIDsStated: Bool, classes: ClassIndex,
        report: (LabelFinding) -> Void
    ) {
        file = scan.file
        takesAreaOfBox = scan.rows.first?.hasBox ?? false
        let imagePlaces = ImagePlaces(images).places(
            of: scan.imageIDs, fileNames: scan.fileNames, areIDsStated: areIDsStated)
        let classNumbers = scan.categoryIDs.map { classes.numbers[$0] }
        let isExcluded = scan.categoryIDs.map { classes.excluded.contains($0) }
        var known: Set<COCOIdentifier>?
        var rows = scan.rows
        var ends = [Int](repeating: 0, count: images.count)
        var kept = 0
        for index in rows.indices {
            var row = rows[index]
            let id = scan.imageIDs[Int(row.image)]
            guard let image = imagePlaces[Int(row.image)] else {
                let name = scan.fileNames[id].map { " with the file name \"\($0)\"" } ?? " \(id)"
                let ids = known ?? Set(images.map(\.id))
                known = ids
                let hint = scan.fileNames[id] == nil ? id.typeHint("image", isKnown: ids.contains) : ""
                report(Self.drop(row, scan, PredictionRule.unknownImage, "the truth has no image\(name)\(hint)"))
                continue
            }
            let category = row.category < 0 ? nil : scan.categoryIDs[Int(row.category)]
            if classes.isClassAgnostic {
                // Of equal scores the class with the smaller id goes first, where the truth has it.
                row.category = row.category < 0 ? -1 : Int32(classNumbers[Int(row.category)] ?? -1)
            } else if row.category >= 0, let number = classNumbers[Int(row.category)] {
                row.category = Int32(number)
            } else {
                if row.category >= 0, isExcluded[Int(row.category)] { continue }
                let problem =
                    category.map { id in
                        "the truth has no category \(id)"
                            + id.typeHint("category") { classes.numbers[$0] != nil || classes.excluded.contains($0) }
                    } ?? "there is no \"category_id\""
                report(Self.drop(row, scan, PredictionRule.unknownCategory, problem))
                continue
            }
            row.image = Int32(image)
            ends[image] += 1
            rows[kept] = row
            kept += 1
        }
        rows.removeSubrange(kept...)
        var total = 0
        for image in ends.indices { (ends[image], total) = (total, total + ends[image]) }
        // Files mostly go image by image, so that there is seldom much to move.
        var order = [Int32](repeating: 0, count: kept)
        for index in rows.indices {
            let image = Int(rows[index].image)
            order[ends[image]] = Int32(index)
            ends[image] += 1
        }
        self.rows = order.map { rows[Int($0)] }
        self.ends = ends
    }

    /// The results of one image, in the order of the file.
    func rows(ofImage image: Int) -> ArraySlice<PredictionRow> {
        rows[(image == 0 ? 0 : ends[image - 1])..<ends[image]]
    }

    private static func drop(
        _ row: PredictionRow, _ scan: PredictionScan, _ rule: String, _ problem: String
    ) -> LabelFinding {
        LabelFinding(
            Finding(
                rule: rule, severity: .error,
                location: location(of: row, imageID: scan.imageIDs[Int(row.image)], path: scan.file.path),
                message: "\(problem); the result is dropped"),
            dropped: .annotations)
    }

    /// Where a result is.
    static func location(of row: PredictionRow, imageID: COCOIdentifier, path: String) -> DataLocation {
        DataLocation(
            path: path, byteOffset: row.offset, imageID: imageID.description, annotationID: "\(row.number)",
            keyPath: "[\(row.number - 1)]")
    }
}
