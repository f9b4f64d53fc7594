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
        if !request.leftOut.isEmpty {
            let names = request.leftOut.joined(separator: ", ")
            inspection.remarks.append(
                "--stages: \(names): checked, but not shown; the pictures are what augment alone makes of the record. "
                    + "samdata convert --dry-run counts what all stages do.")
            inspection.members.append(
                JSONMember("stages_left_out", .array(request.leftOut.map { .string($0) })))
        }
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
