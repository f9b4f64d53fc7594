internal import Annotations
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

    /// Draws what stages of a conversion make of a record, and says it.
    ///
    /// - Parameters:
    ///   - id: of the record's image.
    ///   - format: of the input.
    static func draw(
        _ stages: StagesRequest, image id: COCOIdentifier, format: LabelFormat, _ request: InspectionRequest,
        into inspection: inout Inspection
    ) throws {
        let source = try OpenedSource(
            format: format, path: request.path, readOptions: LabelReadOptions(), keepsImageMembers: true
        ).open()
        let folder =
            request.images == nil && format == .coco ? FileSystem.folder(of: request.path) : request.images
        var options = ConversionOptions(
            input: request.path,
            images: try folder ?? ImageFolder(of: source, at: request.path).path, output: "")
        if let folder { options.imagePlaces = [folder.isEmpty ? "." : folder] }
        options.takesOutsideImages = request.outsideImages
        options.exifPolicy = source.framesAreUpright ? .apply : .raw
        options.seed = stages.seed
        try stages.file.configure(&options)
        guard let preview = try Conversion(options, open: { source }).preview(image: id, draws: stages.draws) else {
            throw InspectError(
                .noSuchRecord, "image \(id) cannot be used, and no stage sees it; samdata audit says why",
                path: request.path)
        }
        let sheet = StagesSheet(preview, shown: stages.draws)
        inspection.picture = try sheet.picture()
        inspection.text += "\n\n" + sheet.text
        inspection.members.append(JSONMember("stages", sheet.json))
        let leftOut = preview.leftOut + stages.file.settings.keys.filter { ["split", "shard"].contains($0) }.sorted()
        if !leftOut.isEmpty {
            inspection.remarks.append(
                "--stages: \(leftOut.joined(separator: ", ")): checked, and not shown, as neither pixels nor objects are changed. "
                    + "samdata convert --dry-run counts what comes out.")
            inspection.members.append(JSONMember("stages_left_out", .array(leftOut.map { .string($0) })))
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
