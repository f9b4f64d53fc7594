package import Annotations
internal import Masks
package import Runtime
internal import Shards

/// Leaves out objects on whose masks a second opinion does not agree: another annotator's COCO file, or a model's
/// predictions.
package struct QualityStage: ConfiguredStage {
    package static let name = "quality"
    package static let keys = ["against", "min-iou", "category"]
    package static let overlapRule = "quality.iou"
    package static let unlistedRule = "quality.unlisted"
    package static let unknownRule = "quality.unknown"
    package static let unusableRule = "quality.unusable"

    /// Which of the other's objects an object may be compared with.
    package enum Category: String, Sendable, CaseIterable {
        /// Those of the same category: by name where the other has names, else by id.
        case same
        case any
    }

    private let path: String
    private let minimum: Double
    private let category: Category
    private var opinion: (any SecondOpinion)?
    private var names: [COCOIdentifier: String] = [:]

    /// - Parameters:
    ///   - path: of the other file.
    ///   - minimum: intersection over union from which an object is kept, 0...1.
    package init(against path: String, minimum: Double, category: Category = .same) {
        self.path = path
        self.minimum = minimum
        self.category = category
    }

    package init(_ settings: StageSettings) throws {
        guard let path = try settings.text("against") else {
            throw settings.failure("against is not set: a COCO file or predictions to compare with")
        }
        self.init(
            against: path, minimum: try settings.number("min-iou", in: 0...1) ?? 0.85,
            category: try settings.choice("category") ?? .same)
    }

    package var needsSourceFrame: Bool { true }
    package var inputs: [String] { [path] }
    package var findings: [Finding] { opinion?.findings ?? [] }
    package var summary: String {
        "IoU from \(minimum) with an object of \(category == .same ? "the same" : "any") category in \(path)"
    }

    package func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage {
        var ready = self
        ready.opinion = try SecondOpinionFile.open(
            path, images: survey.imageEntries(), categories: categories, comparesCategories: category == .same)
        ready.names = Dictionary(categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        return ready
    }

    private func isComparable(_ other: OtherObject, _ id: COCOIdentifier) -> Bool {
        if category == .any { return true }
        if let name = other.name { return name == names[id] }
        return other.category == id
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) throws -> [StagedSample]? {
        guard let opinion else { preconditionFailure("quality was not prepared") }
        let image = sample.labelled.image
        guard let others = try opinion.objects(ofImage: image.id, height: sample.height, width: sample.width) else {
            ledger.note(
                Finding(
                    rule: Self.unlistedRule, severity: .note, location: sample.location,
                    message: "\(path) does not list image \(image.id); its objects are kept"))
            return [sample]
        }
        var passed = sample
        passed.objects = try sample.objects.filter { object in
            // A crowd's mask is no object's: there is nothing to agree on.
            if object.annotation.isCrowd { return true }
            let candidates = others.filter { isComparable($0, object.annotation.categoryID) }
            let overlap =
                try RLE.intersectionOverUnion(
                    detections: [object.mask], groundTruth: candidates.map(\.mask)
                ).max() ?? 0
            if overlap >= minimum { return true }
            ledger.reject(
                .annotation, Self.overlapRule, at: object.annotation.location,
                "the best IoU in \(path) is \((overlap * 1000).rounded() / 1000)")
            return false
        }
        return [passed]
    }
}
