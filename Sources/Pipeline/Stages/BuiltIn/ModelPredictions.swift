internal import Annotations
internal import Masks
internal import Runtime

/// A model's predictions, a list of COCO results: what it does not predict is not there.
struct ModelPredictions: SecondOpinion {
    private struct Place: Sendable {
        let category: COCOIdentifier?
        let segmentation: Range<Int>
    }

    private let file: MappedFile
    private let path: String
    private var places: [COCOIdentifier: [Place]] = [:]

    /// Reads where the predictions stand; their masks are read when their image is.
    init(path: String) throws {
        self.path = path
        file = try MappedFile(path: path, access: .random)
        try file.withBytes { bytes in
            try COCOResultsReader.scan(bytes, path: path) { result, _ in
                guard let result, let segmentation = result.segmentation else { return }
                places[result.imageID, default: []].append(
                    Place(category: result.categoryID, segmentation: segmentation))
            }
        }
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
