internal import Annotations
internal import Images
internal import Masks
internal import Runtime
internal import Shards

/// Turns a sample into its record's bytes.
struct RecordEncoding: Sendable {
    let classes: ClassTable

    /// - Throws: `ImageError` when changed pixels cannot be encoded.
    func record(of sample: StagedSample) throws -> EncodedRecord {
        let image = try sample.finished()
        let format = image.encoded.withUnsafeBytes { ImageFormat(signatureOf: $0) }?.name ?? sample.header.format.name
        let objects = image.objects.map { object in
            let annotation = object.annotation
            guard let index = classes.indexes[annotation.categoryID] else {
                preconditionFailure(
                    "a stage made an object of category \(annotation.categoryID), which it did not list")
            }
            let category = classes.classes[index]
            return ShardObject(
                annotationID: annotation.id.description, categoryID: category.categoryID, categoryName: category.name,
                isCrowd: annotation.isCrowd, area: annotation.area ?? object.coveredArea,
                box: annotation.bbox ?? object.mask.boundingBox, mask: object.mask)
        }
        var record = EncodedRecord(
            ShardSample(
                imageID: image.image.id.description, fileName: image.image.fileName, format: format,
                width: sample.width, height: sample.height, exifOrientation: image.exifOrientation,
                encoded: image.encoded, objects: objects,
                members: RecordMembers(
                    image: image.image.extra, objects: image.objects.map(\.annotation.extra)
                ).text))
        record.entry.repeats = sample.repeats
        return record
    }
}
