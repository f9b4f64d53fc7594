internal import Annotations
internal import JSONText
internal import Shards

/// What some images in a row have become in a conversion to a format that has files for each image.
struct ExportBatch: Sendable {
    /// What of it belongs to one part of the split.
    struct Part: Sendable {
        var written: [WrittenImage] = []
        /// Objects that came, and those that were written.
        var annotations = 0
        var objects = 0
        var losses: [ObjectLoss] = []
        var renames: [LabelRename] = []
        /// What was found in the images.
        var ledger = FindingLedger()
        var findings: [FindingCount] { ledger.counts }
        var stages: [ShardManifest.StageCount] = []
    }

    /// Positions in the set's images.
    var images: Range<Int>
    var parts: [Part]

    /// Whether every file of the batch is there as it was written.
    ///
    /// - Parameter directories: of the parts.
    func isThere(in directories: [String]) -> Bool {
        zip(parts, directories).allSatisfy { part, directory in
            part.written.allSatisfy { image in image.files.allSatisfy { $0.isThere(in: directory) } }
        }
    }

    // MARK: JSON

    /// All but findings and stages.
    var json: JSONValue {
        .object([
            JSONMember("first", .integer(Int64(images.lowerBound))),
            JSONMember("end", .integer(Int64(images.upperBound))),
            JSONMember("parts", .array(parts.map(Self.json))),
        ])
    }

    private static func json(_ part: Part) -> JSONValue {
        [
            "annotations": .integer(Int64(part.annotations)),
            "objects": .integer(Int64(part.objects)),
            "written": .array(
                part.written.map { image in
                    [
                        "name": .string(image.name),
                        "files": .array(
                            image.files.map { file in
                                [
                                    "path": .string(file.path), "bytes": .integer(Int64(file.bytes)),
                                    "crc32c": .integer(Int64(file.checksum)),
                                ]
                            }),
                    ]
                }),
            "losses": .array(
                part.losses.map { loss in
                    .object(loss.members)
                }),
            "renames": .array(
                part.renames.map { rename in
                    [
                        "subject": .string(rename.subject.rawValue), "id": .string(rename.id.description),
                        "from": .string(rename.from), "to": .string(rename.to),
                    ]
                }),
        ]
    }

    /// Reads what ``json`` made; nil for anything else, findings and stages left out.
    init?(json: JSONValue) {
        guard let first = json["first"]?.int, let end = json["end"]?.int, first >= 0, first < end,
            let parts = json["parts"]?.array
        else { return nil }
        images = first..<end
        self.parts = []
        for value in parts {
            guard let part = Self.part(value) else { return nil }
            self.parts.append(part)
        }
    }

    init(images: Range<Int>, parts: [Part]) {
        self.images = images
        self.parts = parts
    }

    private static func part(_ json: JSONValue) -> Part? {
        var part = Part()
        guard let annotations = json["annotations"]?.int, let objects = json["objects"]?.int,
            let written = json["written"]?.array, let losses = json["losses"]?.array,
            let renames = json["renames"]?.array
        else { return nil }
        (part.annotations, part.objects) = (annotations, objects)
        for value in written {
            guard let name = value["name"]?.string, let files = value["files"]?.array else { return nil }
            var image = WrittenImage(name: name)
            for file in files {
                guard let path = file["path"]?.string, let bytes = file["bytes"]?.int,
                    let checksum = file["crc32c"]?.int.flatMap({ UInt32(exactly: $0) })
                else { return nil }
                image.files.append(WrittenImage.File(path: path, bytes: bytes, checksum: checksum))
            }
            part.written.append(image)
        }
        for value in losses {
            guard let image = value["image_id"]?.string, let annotation = value["annotation_id"]?.string,
                let kind = value["loss"]?.string.flatMap(ObjectLoss.Kind.init(rawValue:)),
                let overlap = value["iou"]?.double
            else { return nil }
            part.losses.append(
                ObjectLoss(
                    imageID: COCOIdentifier(keptAs: image), annotationID: COCOIdentifier(keptAs: annotation),
                    kind: kind, overlap: overlap, names: value["members"]?.array?.compactMap(\.string) ?? []))
        }
        for value in renames {
            guard let subject = value["subject"]?.string.flatMap(LabelRename.Subject.init(rawValue:)),
                let id = value["id"]?.string, let from = value["from"]?.string, let to = value["to"]?.string
            else { return nil }
            part.renames.append(LabelRename(subject, id: COCOIdentifier(keptAs: id), from: from, to: to))
        }
        return part
    }
}
