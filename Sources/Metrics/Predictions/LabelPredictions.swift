internal import Annotations
private import JSONText
internal import Masks
internal import Runtime

/// The labels of a second annotator as predictions: each object is a result with the score that it states, or 1.
///
/// Images are told by their files' names, and where not one name is the truth's, by their ids, if both sets state them; classes by their names, as each set
/// has numbers of its own. Objects are read when their image is compared.
struct LabelPredictions: Sendable {
    private let source: any LabelSource
    /// By place of the truth's image: position in the source.
    private let positions: [Int?]
    /// Number of a class by its id in the source.
    private let numbers: [COCOIdentifier: Int]
    /// Classes that the truth has, and that are not wanted.
    private let excluded: Set<COCOIdentifier>
    private let isClassAgnostic: Bool
    /// Objects of images that were dropped.
    let strayCount: Int

    /// - Parameters:
    ///   - images: the truth's, in order of their places.
    ///   - areIDsStated: whether the truth states its images' ids.
    ///   - classes: those of the truth.
    ///   - report: told of images that the truth does not have.
    /// - Throws: what the source throws.
    init(
        _ source: any LabelSource, images: [COCOImage], areIDsStated: Bool, classes: ClassIndex,
        report: (LabelFinding) -> Void
    ) throws {
        self.source = source
        isClassAgnostic = classes.isClassAgnostic
        let places = ImagePlaces(images)
        func find(_ image: COCOImage, byName: Bool) -> Int? {
            places.place(of: image.id, fileName: byName && !image.fileName.isEmpty ? image.fileName : nil)
        }
        // SA-1B gives images names of its own.
        let isByName =
            !areIDsStated || !source.statesImageIDs
            || source.images.contains { find($0, byName: true) != nil }
        var positions = [Int?](repeating: nil, count: images.count)
        var strays: [(position: Int, rule: String, problem: String)] = []
        for (position, image) in source.images.enumerated() {
            guard let place = find(image, byName: isByName) else {
                let name =
                    isByName && !image.fileName.isEmpty ? "with the file name \"\(image.fileName)\"" : "\(image.id)"
                strays.append((position, PredictionRule.unknownImage, "the truth has no image \(name)"))
                continue
            }
            guard positions[place] == nil else {
                strays.append(
                    (
                        position, PredictionRule.duplicateImage,
                        "another image of the predictions is \(images[place].fileName) of the truth already"
                    ))
                continue
            }
            positions[place] = position
        }
        self.positions = positions
        let lost = strays.map(\.position)
        let counts = try Workers.map(lost.count) { try Self.objectCount(ofImage: lost[$0], in: source) }
        for (stray, count) in zip(strays, counts) {
            report(Self.drop(source.images[stray.position], stray.rule, stray.problem, objects: count))
        }
        strayCount = counts.reduce(0, +)
        var numbers: [COCOIdentifier: Int] = [:]
        var excluded: Set<COCOIdentifier> = []
        for category in source.categories {
            if let number = classes.number(ofName: category.name) {
                numbers[category.id] = number
            } else if classes.isExcluded(name: category.name) {
                excluded.insert(category.id)
            }
        }
        self.numbers = numbers
        self.excluded = excluded
    }

    /// Objects of an image, with those that cannot be used.
    private static func objectCount(ofImage position: Int, in source: any LabelSource) throws -> Int {
        let image = source.images[position]
        var lost = 0
        let read = try source.annotations(
            ofImage: position, height: image.height ?? 0, width: image.width ?? 0
        ) { lost += $0.dropped == .annotations ? 1 : 0 }
        return read.count + lost
    }

    private static func drop(_ image: COCOImage, _ rule: String, _ problem: String, objects: Int) -> LabelFinding {
        var location = image.location
        location.path = location.path ?? image.fileName
        let what = objects == 1 ? "image's 1 prediction is" : "image's \(objects) predictions are"
        return LabelFinding(
            Finding(
                rule: rule, severity: .error, location: location, message: "\(problem); the \(what) dropped"),
            dropped: .images)
    }

    /// The results of one image.
    ///
    /// - Parameters:
    ///   - place: of the image in the truth.
    ///   - image: as the truth has it, with the size of the frame that both are compared in.
    /// - Throws: what the source throws.
    func predictions(ofImage place: Int, _ image: COCOImage) throws -> ImagePredictions {
        var result = ImagePredictions(rows: [], shapes: .labels([]), takesAreaOfBox: false, readCount: 0)
        guard let position = positions[place] else { return result }
        let own = source.images[position]
        guard let height = image.height ?? own.height, let width = image.width ?? own.width else {
            result.readCount = try Self.objectCount(ofImage: position, in: source)
            result.findings.append(
                Self.drop(
                    own, PredictionRule.imageSizeMissing,
                    "neither the truth nor the predictions state the image's size", objects: result.readCount))
            return result
        }
        var findings: [LabelFinding] = []
        let annotations = try source.annotations(ofImage: position, height: height, width: width) {
            findings.append($0)
        }
        let lost = findings.count { $0.dropped == .annotations }
        var rows: [PredictionRow] = []
        for (index, annotation) in annotations.enumerated() {
            let number = numbers[annotation.categoryID]
            if number == nil && !isClassAgnostic {
                if excluded.contains(annotation.categoryID) { continue }
                let name = source.categories.first { $0.id == annotation.categoryID }?.name ?? ""
                findings.append(
                    LabelFinding(
                        Finding(
                            rule: PredictionRule.unknownCategory, severity: .error, location: annotation.location,
                            message: "the truth has no category called \"\(name)\"; the object is dropped"),
                        dropped: .annotations))
                continue
            }
            if annotation.segmentation == nil && annotation.bbox == nil {
                findings.append(
                    LabelFinding(
                        Finding(
                            rule: PredictionRule.maskMissing, severity: .error, location: annotation.location,
                            message: "the object has no mask and no box; it is dropped"),
                        dropped: .annotations))
                continue
            }
            rows.append(
                PredictionRow(
                    image: Int32(place), category: number.map { Int32($0) } ?? -1, number: index + 1,
                    score: Self.score(of: annotation), box: annotation.bbox ?? .zero, hasBox: annotation.bbox != nil,
                    segmentation: annotation.segmentation == nil ? 0..<0 : 0..<1, offset: 0))
        }
        result.rows = rows[...]
        result.shapes = .labels(annotations)
        result.readCount = annotations.count + lost
        result.findings = findings
        return result
    }

    /// What an object states as its score; 1 where it states none that is a number.
    private static func score(of annotation: COCOAnnotation) -> Double {
        guard let score = (try? annotation.extra["score"]?.parsed())?.double, score.isFinite else { return 1 }
        return score
    }
}
