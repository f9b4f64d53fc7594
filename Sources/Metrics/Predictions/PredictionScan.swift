package import Annotations
internal import Masks
internal import Runtime

/// One pass over a COCO results file: a row of 104 bytes for each result; their segmentations stay in the file.
package struct PredictionScan: Sendable {
    let file: MappedFile
    var rows: [PredictionRow] = []
    /// Ids of images, in the order of their first appearance.
    private(set) var imageIDs: [COCOIdentifier] = []
    /// Ids of classes, in the order of their first appearance.
    private(set) var categoryIDs: [COCOIdentifier] = []
    /// File names of the predictions' own images by their ids, where the file is a whole data set.
    private(set) var fileNames: [COCOIdentifier: String] = [:]
    /// Results that the file holds, with those that cannot be used.
    package private(set) var resultCount = 0

    /// Whether the first result has a mask, as all of a detector's results then have.
    package var hasMasks: Bool { rows.first.map { !$0.segmentation.isEmpty } ?? false }

    private static let discardStep = 16 << 20

    /// - Parameter report: told what is wrong with a result, and whether it was dropped for it.
    /// - Throws: `FileError`; `AnnotationError` for what is not JSON or no list of results.
    package init(path: String, report: (LabelFinding) -> Void) throws {
        let file = try MappedFile(path: path)
        self.file = file
        var images = IdentifierTable()
        var categories = IdentifierTable()
        var rows: [PredictionRow] = []
        var count = 0
        var discarded = 0
        var fileNames: [COCOIdentifier: String] = [:]
        try file.withBytes { bytes in
            try COCOResultsReader.scan(
                bytes, path: path, named: { fileNames[$0] = $1 },
                passed: { offset in
                    guard offset - discarded >= Self.discardStep else { return }
                    file.discard(before: offset)
                    discarded = offset
                }
            ) { result, findings in
                for finding in LabelFinding.about(findings, dropped: result == nil ? .annotations : nil) {
                    report(finding)
                }
                // What is odd about the file as a whole comes without a result, too, and is no error.
                if result != nil || findings.contains(where: { $0.severity == .error }) { count += 1 }
                guard let result else { return }
                rows.append(
                    PredictionRow(
                        image: images.number(of: result.imageID),
                        category: result.categoryID.map { categories.number(of: $0) } ?? -1, number: result.number,
                        score: result.score, box: result.bbox ?? .zero, hasBox: result.bbox != nil,
                        segmentation: result.segmentation ?? 0..<0, offset: result.offset))
            }
        }
        self.rows = rows
        self.fileNames = fileNames
        imageIDs = images.ids
        categoryIDs = categories.ids
        resultCount = count
    }
}
