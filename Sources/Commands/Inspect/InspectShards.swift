private import Annotations
internal import JSONText
private import Runtime
private import Shards

extension InspectCommand {
    /// A set of shards, by what its manifest says, or a single TFRecord file; with `--record` or `--picture` one record.
    static func inspectShards(_ request: InspectionRequest) throws -> Inspection {
        let shards = try InspectedShards(path: request.path)
        var inspection = shards.inspection
        guard let number = request.recordNumber else { return inspection }
        guard number < shards.count else {
            throw InspectError.noRecord(number, of: shards.count, unit: "record", path: request.path)
        }
        let record = try shards.record(number)
        inspection.text += "\n\n" + record.text
        inspection.members.append(JSONMember("record", record.json))
        inspection.damage = record.damage
        if let augmentation = request.augmentation {
            try draw(
                record.augmentationSample(), number: number, augmentation, partners: shards.partners, into: &inspection)
        } else if let stages = request.stages {
            guard case .set = shards else {
                throw InspectError(
                    .notApplicable, "--stages with others than augment is for a whole set of shards, not for one file",
                    path: request.path)
            }
            try draw(
                stages, image: COCOIdentifier(keptAs: record.sample.imageID), format: .shards, request,
                into: &inspection)
        } else if request.wantsPicture {
            inspection.picture = try record.picture()
        }
        return inspection
    }
}
