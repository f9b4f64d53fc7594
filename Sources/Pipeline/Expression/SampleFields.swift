internal import Annotations
internal import JSONText
internal import Masks
private import Runtime

/// Answers an expression's questions about a sample and one of its objects.
struct SampleFields {
    private let sample: StagedSample
    /// Names of categories by id.
    private let names: [COCOIdentifier: String]
    private let object: LabelledObject?

    init(_ sample: StagedSample, names: [COCOIdentifier: String], object: LabelledObject? = nil) {
        self.sample = sample
        self.names = names
        self.object = object
    }

    func value(_ field: ExpressionField) -> ExpressionValue {
        let image = sample.labelled.image
        switch field {
        case .imageWidth: return .number(Double(sample.width))
        case .imageHeight: return .number(Double(sample.height))
        case .imageArea: return .number(Double(sample.width * sample.height))
        case .imageAspect: return .number(Self.aspect(Double(sample.width), Double(sample.height)))
        case .imageObjects: return .number(Double(sample.objects.count))
        case .imageFileName: return .text(image.fileName)
        case .imageFolder: return .text(FileSystem.folder(of: image.fileName))
        case .imageID: return .text(image.id.description)
        default:
            guard let object else { return .missing }
            return value(field, of: object)
        }
    }

    private func value(_ field: ExpressionField, of object: LabelledObject) -> ExpressionValue {
        let annotation = object.annotation
        let box = annotation.bbox ?? object.mask.boundingBox
        switch field {
        case .area: return .number(object.coveredArea)
        case .boxArea: return .number(box.area)
        case .fill: return .number(box.area > 0 ? Double(object.mask.area) / box.area : 0)
        case .x: return .number(box.x)
        case .y: return .number(box.y)
        case .width: return .number(box.width)
        case .height: return .number(box.height)
        case .aspect: return .number(Self.aspect(box.width, box.height))
        case .category: return .text(names[annotation.categoryID] ?? "")
        case .categoryID: return .text(annotation.categoryID.description)
        case .id: return .text(annotation.id.description)
        case .isCrowd: return .flag(annotation.isCrowd)
        case .score: return score(of: annotation)
        case .touchesBorder: return .flag(Self.touchesBorder(object, in: sample))
        default: return .missing
        }
    }

    private func score(of annotation: COCOAnnotation) -> ExpressionValue {
        guard let score = try? annotation.extra["score"]?.parsed(), let number = score.double else { return .missing }
        return .number(number)
    }

    private static func aspect(_ width: Double, _ height: Double) -> Double {
        let (short, long) = (min(width, height), max(width, height))
        return short > 0 ? long / short : 0
    }

    /// Whether an object reaches the image's edge.
    static func touchesBorder(_ object: LabelledObject, in sample: StagedSample) -> Bool {
        if let bounds = object.mask.bounds {
            return bounds.rows.lowerBound == 0 || bounds.columns.lowerBound == 0
                || bounds.rows.upperBound == sample.height || bounds.columns.upperBound == sample.width
        }
        guard let box = object.annotation.bbox else { return false }
        return box.x <= 0 || box.y <= 0 || box.maxX >= Double(sample.width) || box.maxY >= Double(sample.height)
    }
}
