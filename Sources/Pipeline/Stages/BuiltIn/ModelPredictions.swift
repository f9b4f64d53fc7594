internal import Annotations
internal import Masks
internal import Runtime

/// A model's predictions, a list of COCO results: what it does not predict is not there. Results know images and categories
/// by ids alone.
struct ModelPredictions: SecondOpinion {
    private struct Place: Sendable {
        let category: COCOIdentifier?
        let segmentation: Range<Int>
    }

    private(set) var findings: [Finding] = []
    private let file: MappedFile
    private let path: String
    private var places: [COCOIdentifier: [Place]] = [:]

    /// Reads where the predictions stand; their masks are read when their image is.
    ///
    /// - Parameter images: the labels'.
    /// - Throws: `FileError`, `AnnotationError`; `PipelineError.comparison` when all are of other images.
    init(path: String, images: [COCOImage]) throws {
        self.path = path
        file = try MappedFile(path: path, access: .random)
        try file.withBytes { bytes in
            try COCOResultsReader.scan(bytes, path: path) { result, _ in
                guard let result, let segmentation = result.segmentation else { return }
                places[result.imageID, default: []].append(
                    Place(category: result.categoryID, segmentation: segmentation))
            }
        }
        let known = Set(images.map(\.id))
        let strangers = places.keys.filter { !known.contains($0) }.sorted()
        guard let first = strangers.first else { return }
        guard strangers.count < places.count else {
            throw PipelineError(
                .comparison,
                "none of the \(places.count) images that it has predictions for, the first \(first), is among the \(images.count) of the labels; results go by image ids",
                location: DataLocation(path: path))
        }
        findings.append(
            Finding(
                rule: QualityStage.unknownRule, severity: .warning, location: DataLocation(path: path),
                message:
                    "\(strangers.count) of the \(places.count) images that it has predictions for, the first \(first), are not among the labels'"
            ))
    }

    func objects(ofImage id: COCOIdentifier, height: Int, width: Int) throws -> [OtherObject]? {
        try (places[id] ?? []).compactMap { place in
            let read = try file.withBytes {
                try COCOResultsReader.segmentation(in: $0, at: place.segmentation, path: path)
            }
            guard let mask = try? read.segmentation?.rle(height: height, width: width) else { return nil }
            return OtherObject(category: place.category, mask: mask)
        }
    }
}
