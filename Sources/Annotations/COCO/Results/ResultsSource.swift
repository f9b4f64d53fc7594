private import JSONText
private import Masks
package import Runtime

/// A model's predictions, a list of COCO results, as labels of the images and the categories of a data set.
///
/// Results know images by ids alone: those of the data set are listed, whether something was predicted in them or not, and
/// after them those that it does not have. Memory grows by the results, not by their masks, which are read when their image is
/// asked for.
package struct ResultsSource: LabelSource {
    package let categories: [COCOCategory]
    package let images: [COCOImage]
    package let findings: [LabelFinding]
    private let file: MappedFile
    private let results: [COCOIdentifier: [COCOResult]]

    /// - Parameters:
    ///   - labels: the data set.
    ///   - minimumScore: results of a lower score are not there.
    /// - Throws: `FileError`; `AnnotationError` for what is no list of results.
    package init(path: String, of labels: any LabelSource, minimumScore: Double) throws {
        let file = try MappedFile(path: path, access: .random)
        var results: [COCOIdentifier: [COCOResult]] = [:]
        var findings: [LabelFinding] = []
        try file.withBytes { bytes in
            try COCOResultsReader.scan(bytes, path: path) { result, found in
                findings += LabelFinding.about(found, dropped: result == nil ? .annotations : nil)
                guard let result, result.score >= minimumScore else { return }
                results[result.imageID, default: []].append(result)
            }
        }
        let known = Set(labels.images.map(\.id))
        let strangers = results.keys.filter { !known.contains($0) }.sorted().map { id in
            COCOImage(id: id, fileName: "", width: nil, height: nil, origin: DataOrigin(path: path))
        }
        // Where nothing is of this data set, no image is.
        images = strangers.count == results.count ? strangers : labels.images + strangers
        categories = labels.categories
        self.findings = findings
        self.file = file
        self.results = results
    }

    /// Whether a file is a JSON list, by its first character. Formats of labels that are lists too, as Label Studio's, are to be
    /// looked for before.
    package static func isResultsList(_ path: String) throws(FileError) -> Bool {
        guard !FileSystem.isDirectory(path) else { return false }
        return try MappedFile(path: path, access: .random).withBytes { bytes in
            bytes.first { !" \t\r\n\u{FEFF}".utf8.contains($0) } == UInt8(ascii: "[")
        }
    }

    package var statesAreas: Bool { false }

    package func annotationCount(ofImage index: Int) -> Int? { results[images[index].id]?.count ?? 0 }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        try (results[images[index].id] ?? []).compactMap { result in
            var annotation = COCOAnnotation(
                id: .integer(Int64(result.number)), imageID: result.imageID, categoryID: result.categoryID ?? "",
                segmentation: nil, bbox: result.bbox, area: nil, crowdFlag: false,
                extra: [RawMember("score", .number(result.score))],
                origin: DataOrigin(
                    path: file.path,
                    position: TextPosition(byteOffset: result.offset, line: TextPosition.unknownLine)))
            guard result.categoryID != nil else {
                report(
                    LabelFinding(
                        Finding(
                            rule: COCORule.missingKey, severity: .error, location: annotation.location,
                            message: "the result has no category_id; it is dropped"), dropped: .annotations))
                return nil
            }
            guard let place = result.segmentation else { return annotation }
            let (segmentation, found) = try file.withBytes {
                try COCOResultsReader.segmentation(in: $0, at: place, path: file.path)
            }
            for var finding in LabelFinding.about(found, dropped: segmentation == nil ? .annotations : nil) {
                finding.finding.location.imageID = result.imageID.description
                finding.finding.location.annotationID = annotation.id.description
                report(finding)
            }
            guard let segmentation else { return nil }
            annotation.segmentation = segmentation
            return annotation
        }
    }
}
