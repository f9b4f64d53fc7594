internal import Images
internal import JSONText
private import Masks
internal import Runtime
internal import Shards

/// One record of a set of shards, or of a single TFRecord file.
struct ShardRecord {
    /// Counted from 0 through the whole input.
    let number: Int
    let sample: ShardSample
    /// The shard, the record's number in it, and where the record's frame starts.
    let location: DataLocation

    /// What is wrong with the record although its checksums fit; nil when nothing is.
    var damage: String? {
        let digest = SHA256Digest.hex(sample.encoded)
        return digest == sample.sha256
            ? nil
            : "record \(number): the image's bytes have the SHA-256 \(digest), the record says "
                + "\(sample.sha256.onOneLine); convert the set again"
    }

    /// The image and its labels, both in the frame of the masks.
    ///
    /// - Throws: `ImageError` when the image cannot be decoded, `InspectError.mismatch` when the masks do not fit it.
    func picture() throws -> RGBImage {
        let image = try LabelPicture.image(
            sample.encoded, exif: sample.exifOrientation, statedWidth: sample.width, statedHeight: sample.height,
            at: location)
        return LabelPicture.draw(
            image,
            labels: sample.objects.map { object in
                LabelPicture.Label(mask: object.mask, name: object.categoryName, isCrowd: object.isCrowd)
            })
    }

    // MARK: For people

    var text: String {
        var table = TextTable([
            ("annotation", .right), ("class", .left), ("crowd", .left), ("area", .right), ("mask area", .right),
            ("bbox", .left),
        ])
        for object in sample.objects {
            table.add([
                object.annotationID, object.categoryName, object.isCrowd ? "yes" : "no", object.area.measure,
                String(object.mask.area), object.box.measure,
            ])
        }
        let turn = sample.exifOrientation == 1 ? "pixels as stored" : "applied to the pixels before the masks fit"
        return [
            "record \(number): image \(sample.imageID.onOneLine), \(sample.fileName.onOneLine), "
                + "\(sample.width) x \(sample.height), \(sample.objects.count) objects",
            "",
            "file:         \(sample.format.onOneLine), \(sample.encoded.count) bytes",
            "sha256:       \(sample.sha256.onOneLine)",
            "orientation:  EXIF \(sample.exifOrientation) (\(turn))",
            "place:        \(location.path ?? ""), record \(location.record ?? 0), byte \(location.byteOffset ?? 0)",
            "",
            table.render(),
        ].joined(separator: "\n")
    }

    // MARK: For programs

    /// `schemas/inspect.schema.json` describes it.
    var json: JSONValue {
        let annotations = sample.objects.map { object -> JSONValue in
            [
                "id": .string(object.annotationID), "class": .string(object.categoryName),
                "category_id": .integer(object.categoryID), "is_crowd": .bool(object.isCrowd),
                "area": .number(object.area), "mask_area": .integer(Int64(object.mask.area)),
                "bbox": .array([object.box.x, object.box.y, object.box.width, object.box.height].map { .number($0) }),
            ]
        }
        return [
            "number": .integer(Int64(number)), "image_id": .string(sample.imageID),
            "file_name": .string(sample.fileName), "format": .string(sample.format),
            "width": .integer(Int64(sample.width)), "height": .integer(Int64(sample.height)),
            "bytes": .integer(Int64(sample.encoded.count)), "sha256": .string(sample.sha256),
            "exif_orientation": .integer(Int64(sample.exifOrientation)), "shard": .string(location.path ?? ""),
            "shard_record": .integer(Int64(location.record ?? 0)),
            "byte_offset": .integer(Int64(location.byteOffset ?? 0)),
            "annotations": .array(annotations),
        ]
    }
}
