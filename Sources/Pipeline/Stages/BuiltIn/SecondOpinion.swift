internal import Annotations
internal import Masks
internal import Runtime

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

    /// - Throws: `FileError`, `AnnotationError`; `PipelineError.comparison` when none of its images is one of the labels'.
    init(path: String, images: [COCOImage], categories: [COCOCategory]) throws {
        source = try COCOSource(path: path, keepsExtra: false)
        pairing = ImagePairing(images, source.images, path: path)
        if pairing.others.isEmpty, let first = source.images.first {
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
        self.findings = findings
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
    /// - Throws: `FileError`, `AnnotationError`; `PipelineError.comparison` when it is about other images.
    static func open(
        _ path: String, images: [COCOImage], categories: [COCOCategory]
    ) throws -> any SecondOpinion {
        let first = try MappedFile(path: path).withBytes { bytes in
            bytes.first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
        }
        if first == UInt8(ascii: "[") { return try ModelPredictions(path: path, images: images) }
        return try SecondAnnotator(path: path, images: images, categories: categories)
    }
}
