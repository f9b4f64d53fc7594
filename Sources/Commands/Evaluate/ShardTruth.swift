internal import Annotations
private import Masks
internal import Shards

/// The objects of shards as the truth that predictions are held against.
///
/// An image's id is a number where its text is one, as in COCO's files.
struct ShardTruth: LabelSource {
    let categories: [COCOCategory]
    let images: [COCOImage]
    let findings: [LabelFinding] = []
    private let set: ShardSet

    /// - Throws: `ShardError` for what is no set of shards.
    init(_ set: ShardSet) throws {
        self.set = set
        categories = set.classes.map { one in
            COCOCategory(id: one.sourceID.map { .text($0) } ?? .integer(one.categoryID), name: one.name)
        }
        images = try (0..<set.count).map { index in
            let size = try set.imageSize(at: index)
            return COCOImage(
                id: COCOIdentifier(keptAs: set.entry(at: index).imageID), fileName: "", width: size.width,
                height: size.height)
        }
    }

    func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        let sample = try set.sample(at: index)
        return sample.objects.map { object in
            let one = set.classIndex(of: object.categoryID).map { set.classes[$0] }
            return COCOAnnotation(
                id: COCOIdentifier(keptAs: object.annotationID), imageID: images[index].id,
                categoryID: one?.sourceID.map { .text($0) } ?? .integer(object.categoryID),
                segmentation: .compressed(
                    height: sample.height, width: sample.width, bytes: object.mask.compressed()), bbox: object.box,
                area: object.area, crowdFlag: object.isCrowd)
        }
    }

}
