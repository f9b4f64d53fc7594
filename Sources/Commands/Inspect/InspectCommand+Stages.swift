internal import Augmentation
private import Images
internal import JSONText
private import Masks
private import Pipeline
private import Runtime
private import Shards

extension InspectCommand {
    /// Draws what a chain of augmentation makes of a record, and says it.
    static func draw(
        _ sample: AugmentationSample, number: Int, _ request: AugmentationRequest, partners: AugmentationPartners,
        into inspection: inout Inspection
    ) throws {
        let sheet = try AugmentationSheet(sample, number: number, request: request, partners: partners)
        inspection.picture = sheet.picture()
        inspection.text += "\n\n" + sheet.text
        inspection.members.append(JSONMember("draws", sheet.json))
    }
}

extension InspectedShards {
    /// The records as partners of steps that paste.
    var partners: AugmentationPartners {
        AugmentationPartners(count: count) { try record($0).augmentationSample() }
    }
}

extension ShardRecord {
    /// The record as augmentation takes it.
    func augmentationSample() throws -> AugmentationSample {
        AugmentationSample(
            image: try sample.decodedImage(),
            objects: sample.objects.enumerated().map { index, object in
                AugmentedObject(
                    index: index, category: Int(object.categoryID), isCrowd: object.isCrowd, mask: object.mask)
            })
    }
}
