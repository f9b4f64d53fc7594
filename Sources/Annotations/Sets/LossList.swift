internal import Masks

/// What a writer's format took from the objects of one image.
struct LossList {
    private(set) var losses: [ObjectLoss] = []
    private let imageID: COCOIdentifier

    init(of image: COCOImage) { imageID = image.id }

    mutating func add(_ object: LabelledObject, _ kind: ObjectLoss.Kind, overlap: Double) {
        losses.append(
            ObjectLoss(imageID: imageID, annotationID: object.annotation.id, kind: kind, overlap: overlap))
    }

    /// Adds a loss where a mask that is read back is another than the object's.
    mutating func compare(_ object: LabelledObject, readBack: RLE?, _ kind: ObjectLoss.Kind = .shape) {
        guard let readBack else { return add(object, .object, overlap: 0) }
        guard readBack != object.mask else { return }
        add(object, kind, overlap: Self.overlap(object.mask, readBack))
    }

    /// Notes that a group of objects is written like a single one.
    mutating func noteCrowd(_ object: LabelledObject) {
        if object.annotation.isCrowd { add(object, .crowd, overlap: 1) }
    }

    static func overlap(_ a: RLE, _ b: RLE) -> Double {
        guard a.height == b.height, a.width == b.width else { return 0 }
        let shared = a.intersectionArea(b)
        let union = a.area + b.area - shared
        return union == 0 ? 1 : Double(shared) / Double(union)
    }
}
