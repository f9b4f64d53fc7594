internal import Annotations
private import Images
internal import Masks
internal import Runtime
internal import Shards

/// Reads an image's annotations and turns their outlines into masks of the image's size.
struct Rasterising: Stage {
    let labels: LabelFile
    let table: LabelTable
    let ringRule: RingRule

    func process(_ input: LoadedImage, ledger: inout FindingLedger) throws -> ShardSample? {
        var objects: [ShardObject] = []
        objects.reserveCapacity(input.image.annotations.count)
        for place in table.annotations[input.image.annotations] {
            guard let annotation = try labels.annotation(at: place) else { continue }
            if let object = object(annotation, of: input, ledger: &ledger) { objects.append(object) }
        }
        return ShardSample(
            imageID: input.image.id, fileName: input.image.fileName, format: input.format.name, width: input.width,
            height: input.height, exifOrientation: input.exifOrientation, encoded: input.encoded, objects: objects)
    }

    private func object(
        _ annotation: COCOAnnotation, of input: LoadedImage, ledger: inout FindingLedger
    ) -> ShardObject? {
        let location = annotation.location
        func note(_ rule: String, _ severity: Severity, _ message: String) {
            ledger.note(Finding(rule: rule, severity: severity, location: location, message: message))
        }
        func drop(_ rule: String, _ message: String) {
            ledger.drop(
                .annotation,
                Finding(
                    rule: rule, severity: .error, location: location, message: message + "; the annotation is dropped"))
        }
        guard let index = table.classIndexes[annotation.categoryID] else {
            drop(ConversionRule.annotationCategory, "category \(annotation.categoryID) is not in the file")
            return nil
        }
        let mask: RLE
        do throws(MaskError) {
            if let segmentation = annotation.segmentation, !segmentation.isEmptyList {
                mask = try ringRule.mask(segmentation, height: input.height, width: input.width)
                if mask.isEmpty { note(ConversionRule.maskEmpty, .warning, "the mask covers no pixel") }
            } else if annotation.bbox != nil {
                mask = try RLE(height: input.height, width: input.width)
                note(ConversionRule.maskMissing, .warning, "there is a box and no mask; the mask is taken to be empty")
            } else {
                drop(ConversionRule.annotationShape, "there is neither a mask nor a box")
                return nil
            }
        } catch {
            drop(error.codeName, error.message)
            return nil
        }
        if annotation.area == nil {
            note(ConversionRule.areaMissing, .note, "no area is stated; the mask's, \(mask.area), is taken")
        }
        if annotation.crowdFlag == nil {
            note(ConversionRule.crowdMissing, .note, "no iscrowd is stated; 0 is taken")
        }
        return ShardObject(
            annotationID: annotation.id.description, categoryID: table.classes[index].categoryID,
            categoryName: table.classes[index].name, isCrowd: annotation.isCrowd,
            area: annotation.area ?? Double(mask.area), box: box(annotation, mask, of: input, note: note), mask: mask)
    }

    /// The stated box where it is one, cut at the image's edges; otherwise the mask's.
    private func box(
        _ annotation: COCOAnnotation, _ mask: RLE, of input: LoadedImage, note: (String, Severity, String) -> Void
    ) -> Box {
        guard let stated = annotation.bbox else {
            note(ConversionRule.boxMissing, .note, "no box is stated; the mask's, \(mask.boundingBox), is taken")
            return mask.boundingBox
        }
        guard stated.width > 0, stated.height > 0 else {
            note(
                ConversionRule.boxMissing, .warning,
                "the box \(stated) has no area; the mask's, \(mask.boundingBox), is taken")
            return mask.boundingBox
        }
        let (width, height) = (Double(input.width), Double(input.height))
        let x = min(max(stated.x, 0), width)
        let y = min(max(stated.y, 0), height)
        let cut = Box(
            x: x, y: y, width: min(max(stated.maxX, 0), width) - x, height: min(max(stated.maxY, 0), height) - y)
        // Below a shard's own resolution it is rounding, of which there is much, and no cut.
        let isCut =
            abs(cut.x - stated.x) > 0.001 || abs(cut.y - stated.y) > 0.001 || abs(cut.maxX - stated.maxX) > 0.001
            || abs(cut.maxY - stated.maxY) > 0.001
        if isCut {
            note(
                ConversionRule.boxOutside, .warning,
                "the box \(stated) reaches outside the image of \(input.width) x \(input.height); it is cut to \(cut)")
            return cut
        }
        return cut == stated ? stated : cut
    }
}

/// Turns a sample into its record's bytes.
struct RecordEncoding: Stage {
    func process(_ sample: ShardSample, ledger: inout FindingLedger) -> EncodedRecord? { EncodedRecord(sample) }
}
