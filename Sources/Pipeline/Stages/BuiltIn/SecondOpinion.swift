internal import Annotations
internal import Masks
internal import Runtime
private import Shards

/// Somebody else's objects, image by image.
protocol SecondOpinion: Sendable {
    /// What is odd about it, with the labels' images and categories in view.
    var findings: [Finding] { get }

    /// The objects of an image that have a mask; nil when nothing is said about the image.
    ///
    /// - Parameters:
    ///   - id: of the image in the labels.
    ///   - height: of the masks' frame, in pixels.
    ///   - width: likewise.
    func objects(ofImage id: COCOIdentifier, height: Int, width: Int) throws -> [OtherObject]?
}

/// One object of a second opinion.
struct OtherObject: Sendable {
    /// The other's id of it; nil when it has none, which agrees with no category.
    let category: COCOIdentifier?
    /// The category's name; nil where the other has no names, and ids have to do.
    var name: String?
    let mask: RLE
}

/// Another annotator's COCO file: images that it lists without objects have none.
struct SecondAnnotator: SecondOpinion {
    let findings: [Finding]
    private let source: COCOSource
    private let pairing: ImagePairing
    private let names: [COCOIdentifier: String]

    /// - Parameters:
    ///   - images: the labels'.
    ///   - categories: likewise.
    ///   - comparesCategories: whether objects are compared with those of the same category alone.
    /// - Throws: `FileError`, `AnnotationError`; `PipelineError.comparison` when none of its images is one of the labels', or
    ///   none of its objects can be compared.
    init(path: String, images: [COCOImage], categories: [COCOCategory], comparesCategories: Bool) throws {
        source = try COCOSource(path: path, keepsImageMembers: false)
        pairing = ImagePairing(images, source.images, path: path)
        guard let first = source.images.first else {
            throw PipelineError(
                .comparison, "lists no image; labels of a second annotator, or a list of results, are wanted",
                location: DataLocation(path: path))
        }
        if pairing.others.isEmpty {
            throw PipelineError(
                .comparison,
                "none of its \(source.images.count) images, the first \(first.fileName.isEmpty ? first.id.description : first.fileName), is among the \(images.count) of the labels, by name or id",
                location: DataLocation(path: path))
        }
        names = Dictionary(
            source.categories.filter { !$0.name.isEmpty }.map { ($0.id, $0.name) },
            uniquingKeysWith: { first, _ in first })
        var findings = pairing.findings
        let strangers = source.images.count - Set(pairing.others.values).count
        if strangers > 0 {
            findings.append(
                Finding(
                    rule: QualityStage.unknownRule, severity: .note, location: DataLocation(path: path),
                    message: "\(strangers) of its \(source.images.count) images are not among the labels'"))
        }
        for category in categories {
            if let other = names[category.id], other != category.name {
                findings.append(
                    Finding(
                        rule: ImagePairing.rule, severity: .warning,
                        location: DataLocation(path: path, keyPath: category.id.description),
                        message: "category \(category.id) is \(other) there and \(category.name) here; the names count")
                )
            }
        }
        for count in source.ledger.counts {
            let example = source.ledger.examples.first { $0.rule == count.rule }?.description ?? ""
            findings.append(
                Finding(
                    rule: count.rule, severity: count.severity, location: DataLocation(path: path),
                    message: "\(count.count) in the labels to compare with, the first: \(example)"))
        }
        let names = names
        let known = comparesCategories ? categories : nil
        findings += try Self.use(source, path, pairing, images) { annotation in
            guard let known else { return true }
            if let name = names[annotation.categoryID] { return known.contains { $0.name == name } }
            return known.contains { $0.id == annotation.categoryID }
        }
        self.findings = findings
    }

    /// What of the objects can be compared.
    private static func use(
        _ source: COCOSource, _ path: String, _ pairing: ImagePairing, _ images: [COCOImage],
        isKnown: @escaping @Sendable (COCOAnnotation) -> Bool
    ) throws -> [Finding] {
        let counts = try Workers.map(images.count, grain: 16) { index -> OpinionUse in
            var use = OpinionUse(path: path, noun: "objects")
            let image = images[index]
            guard let place = pairing.others[image.id] else { return use }
            let (height, width) = (image.height ?? 0, image.width ?? 0)
            for annotation in try source.annotations(ofImage: place, height: height, width: width, report: { _ in }) {
                guard isKnown(annotation) else {
                    use.miss(.unknownCategory, "annotation \(annotation.id) is of category \(annotation.categoryID)")
                    continue
                }
                guard let segmentation = annotation.segmentation, !segmentation.isEmptyList else {
                    use.miss(.noMask, "annotation \(annotation.id)")
                    continue
                }
                do throws(MaskError) {
                    // Outlines are drawn at any size, and of an image without one nothing is known yet.
                    if segmentation.size != nil, height > 0, width > 0 {
                        _ = try segmentation.rle(height: height, width: width)
                    }
                    use.use()
                } catch {
                    use.miss(.wrongMask, "annotation \(annotation.id): \(error.message)")
                }
            }
            return use
        }
        var use = OpinionUse(path: path, noun: "objects")
        for count in counts { use.add(count) }
        return try use.findings()
    }

    func objects(ofImage id: COCOIdentifier, height: Int, width: Int) throws -> [OtherObject]? {
        guard let index = pairing.others[id] else { return nil }
        return try source.annotations(ofImage: index, height: height, width: width) { _ in }.compactMap { annotation in
            // A mask that cannot be made agrees with nothing.
            guard let mask = try? annotation.segmentation?.rle(height: height, width: width) else { return nil }
            return OtherObject(category: annotation.categoryID, name: names[annotation.categoryID], mask: mask)
        }
    }
}

/// Opens a second opinion as what it is.
enum SecondOpinionFile {
    /// - Parameters:
    ///   - images: the labels'.
    ///   - categories: likewise.
    ///   - comparesCategories: whether objects are compared with those of the same category alone.
    /// - Throws: `FileError`, `AnnotationError`; `PipelineError.comparison` when it is about other images, or nothing in it
    ///   can be compared.
    static func open(
        _ path: String, images: [COCOImage], categories: [COCOCategory], comparesCategories: Bool
    ) throws -> any SecondOpinion {
        if try ResultsSource.isResultsList(path) {
            return try ModelPredictions(
                path: path, images: images, categories: comparesCategories ? Set(categories.map(\.id)) : nil)
        }
        return try SecondAnnotator(
            path: path, images: images, categories: categories, comparesCategories: comparesCategories)
    }
}
