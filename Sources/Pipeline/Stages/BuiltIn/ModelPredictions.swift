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
    /// - Parameters:
    ///   - images: the labels'.
    ///   - categories: the ids of the labels' categories; nil where any will do.
    /// - Throws: `FileError`, `AnnotationError`; `PipelineError.comparison` when all are of other images, or none can be
    ///   compared.
    init(path: String, images: [COCOImage], categories: Set<COCOIdentifier>?) throws {
        self.path = path
        file = try MappedFile(path: path, access: .random)
        var use = OpinionUse(path: path, noun: "results")
        try file.withBytes { bytes in
            try COCOResultsReader.scan(bytes, path: path) { result, found in
                guard let result else {
                    if let first = found.first { use.miss(.unread, first.description) }
                    return
                }
                guard let segmentation = result.segmentation else {
                    use.miss(.noMask, "result \(result.number) has a box alone")
                    return
                }
                if let categories, !(result.categoryID.map(categories.contains) ?? false) {
                    let name = result.categoryID.map { "category \($0)" } ?? "no category"
                    use.miss(.unknownCategory, "result \(result.number) is of \(name)")
                    // Whose image it is still counts.
                    places[result.imageID] = places[result.imageID] ?? []
                    return
                }
                places[result.imageID, default: []].append(
                    Place(category: result.categoryID, segmentation: segmentation))
            }
        }
        let known = Set(images.map(\.id))
        try check(images, known, &use)
        let strangers = places.keys.filter { !known.contains($0) }.sorted()
        guard let first = strangers.first else {
            findings = try use.findings()
            return
        }
        guard strangers.count < places.count else {
            throw PipelineError(
                .comparison,
                "none of the \(places.count) images that it has predictions for, the first \(first), is among the \(images.count) of the labels; results go by image ids",
                location: DataLocation(path: path))
        }
        findings = try use.findings()
        findings.append(
            Finding(
                rule: QualityStage.unknownRule, severity: .warning, location: DataLocation(path: path),
                message:
                    "\(strangers.count) of the \(places.count) images that it has predictions for, the first \(first), are not among the labels'"
            ))
    }

    /// Counts the masks that fit their images.
    private func check(_ images: [COCOImage], _ known: Set<COCOIdentifier>, _ use: inout OpinionUse) throws {
        for (id, places) in places where !known.contains(id) { for _ in places { use.pass() } }
        let counts = try Workers.map(images.count, grain: 16) { index -> OpinionUse in
            var use = OpinionUse(path: path, noun: "results")
            let image = images[index]
            for place in places[image.id] ?? [] {
                if let problem = try problem(place, of: image) {
                    use.miss(.wrongMask, "image \(image.id): \(problem)")
                } else {
                    use.use()
                }
            }
            return use
        }
        for count in counts { use.add(count) }
    }

    /// Why a mask cannot be used; nil when it can, or nothing is known of the image's size.
    private func problem(_ place: Place, of image: COCOImage) throws -> String? {
        let (segmentation, found) = try file.withBytes(reading: place.segmentation) {
            try COCOResultsReader.segmentation(in: $0, at: place.segmentation, path: path)
        }
        guard let segmentation else { return found.first?.message ?? "it cannot be understood" }
        // Outlines are drawn at any size.
        guard segmentation.size != nil, let height = image.height, let width = image.width else { return nil }
        do throws(MaskError) {
            _ = try segmentation.rle(height: height, width: width)
            return nil
        } catch {
            return error.message
        }
    }

    func objects(ofImage id: COCOIdentifier, height: Int, width: Int) throws -> [OtherObject]? {
        try (places[id] ?? []).compactMap { place in
            let read = try file.withBytes(reading: place.segmentation) {
                try COCOResultsReader.segmentation(in: $0, at: place.segmentation, path: path)
            }
            guard let mask = try? read.segmentation?.rle(height: height, width: width) else { return nil }
            return OtherObject(category: place.category, mask: mask)
        }
    }
}
