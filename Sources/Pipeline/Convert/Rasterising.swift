internal import Annotations
private import Images
private import JSONText
internal import Masks
internal import Runtime
internal import Shards

/// Reads an image's annotations and turns their outlines into masks of the image's size.
struct Rasterising: Stage {
    let labels: LabelSet
    /// The ids of the set's categories.
    let categories: Set<COCOIdentifier>
    let ringRule: RingRule

    init(labels: LabelSet, ringRule: RingRule) {
        self.labels = labels
        self.ringRule = ringRule
        categories = Set(labels.source.categories.map(\.id))
    }

    func process(_ input: LoadedImage, ledger: inout FindingLedger) throws -> StagedSample? {
        var findings: [LabelFinding] = []
        let annotations = try labels.source.annotations(
            ofImage: input.index, height: input.height, width: input.width
        ) { findings.append($0) }
        for finding in findings { ledger.add(finding) }
        // An image whose labels are not known is none without objects.
        if findings.contains(where: { $0.dropped == .images }) { return nil }
        let objects = annotations.compactMap { object($0, of: input, ledger: &ledger) }
        var image = input.image
        image.width = input.width
        image.height = input.height
        image.extra = try labels.source.members(ofImage: input.index)
        var sample = StagedSample(
            LabelledImage(
                image: image, encoded: input.encoded, exifOrientation: input.exifOrientation, objects: objects),
            sourceIndex: input.index, header: input.header)
        sample.repeats = labels.source.repeats(ofImage: input.index)
        return sample
    }

    private func object(
        _ annotation: COCOAnnotation, of input: LoadedImage, ledger: inout FindingLedger
    ) -> LabelledObject? {
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
        guard categories.contains(annotation.categoryID) else {
            drop(ConversionRule.annotationCategory, "category \(annotation.categoryID) is not in the file")
            return nil
        }
        let mask: RLE
        do throws(MaskError) {
            if let segmentation = annotation.segmentation, !segmentation.isEmptyList {
                mask = try ringRule.mask(segmentation, height: input.height, width: input.width)
                if !mask.isEmpty, case .polygons(let rings) = segmentation { noteRings(rings, note: note) }
                if mask.isEmpty {
                    note(emptyRule(segmentation, of: input), .warning, "the mask covers no pixel")
                }
            } else if annotation.bbox != nil {
                mask = try RLE(height: input.height, width: input.width)
                if !annotation.hasUnreadable("segmentation") {
                    note(
                        ConversionRule.maskMissing, .warning,
                        "there is a box and no mask; the mask is taken to be empty")
                }
            } else {
                drop(ConversionRule.maskMissing, "there is neither a mask nor a box")
                return nil
            }
        } catch {
            drop(error.codeName, error.message)
            return nil
        }
        // Formats other than COCO's have no place for most of it: there it is no defect.
        if labels.source is COCOSource {
            noteDerived(annotation, mask, note: note)
            noteArea(annotation, mask, note: note)
        }
        return complete(annotation, mask, box: box(annotation, mask, of: input, note: note))
    }

    /// The annotation with all that is stated nowhere taken from the mask.
    private func complete(_ annotation: COCOAnnotation, _ mask: RLE, box: Box) -> LabelledObject {
        var annotation = annotation
        annotation.crowdFlag = annotation.isCrowd
        if annotation.bbox != box {
            annotation.bbox = box
            annotation.spelling.bbox = .plain
        }
        annotation.area = annotation.area ?? LabelledObject(annotation: annotation, mask: mask).coveredArea
        // A writer of outlines would have a hole filled that the even-odd rule has made.
        if ringRule == .evenOdd, case .polygons(let rings) = annotation.segmentation, rings.count > 1,
            (try? annotation.segmentation?.rle(height: mask.height, width: mask.width)) != mask
        {
            annotation.segmentation = nil
        }
        return LabelledObject(annotation: annotation, mask: mask)
    }

    /// Notes the rings that are none beside others that draw something.
    private func noteRings(_ rings: [[Double]], note: (String, Severity, String) -> Void) {
        func warn(_ rule: String, _ what: (Int) -> String, where isBad: ([Double]) -> Bool) {
            guard let first = rings.firstIndex(where: isBad) else { return }
            let more = rings.count(where: isBad) - 1
            note(
                rule, .warning,
                "ring \(first) \(what(rings[first].count))" + (more > 0 ? ", and \(more) more" : ""))
        }
        warn(ConversionRule.ringEmpty, { _ in "has no point and is ignored" }, where: \.isEmpty)
        warn(
            ConversionRule.ringDegenerate, { "has \($0 / 2) points, which enclose nothing" },
            where: { !$0.isEmpty && $0.count < 6 })
        warn(
            ConversionRule.ringOdd, { "has \($0) numbers; the last is ignored" },
            where: { $0.count >= 6 && $0.count % 2 == 1 })
    }

    /// The rule of a mask without a pixel.
    private func emptyRule(_ segmentation: Segmentation, of input: LoadedImage) -> String {
        // Under the even-odd rule, rings that draw something can cancel each other.
        guard case .polygons(let rings) = segmentation,
            (try? segmentation.rle(height: input.height, width: input.width))?.isEmpty == true
        else { return ConversionRule.maskEmpty }
        return EmptyPolygon(rings: rings, height: input.height, width: input.width).rawValue
    }

    /// Notes, in one finding, what the labels leave to be computed.
    private func noteDerived(_ annotation: COCOAnnotation, _ mask: RLE, note: (String, Severity, String) -> Void) {
        var missing: [String] = []
        if annotation.area == nil, !annotation.hasUnreadable("area") {
            let object = LabelledObject(annotation: annotation, mask: mask)
            missing.append(
                object.isBoxOnly
                    ? "area is missing and taken to be the box's, \(object.coveredArea)"
                    : "area is missing and taken to be the mask's, \(mask.area)")
        }
        if annotation.bbox == nil, !annotation.hasUnreadable("bbox") {
            missing.append("bbox is missing and taken to be the mask's, \(mask.boundingBox)")
        }
        if annotation.crowdFlag == nil, !annotation.hasUnreadable("iscrowd") {
            missing.append("iscrowd is missing and taken to be 0")
        }
        if !missing.isEmpty { note(ConversionRule.derived, .note, missing.joined(separator: "; ")) }
    }

    /// Notes an area that is the box's: sizes in evaluation go by it, and it stays as stated.
    private func noteArea(_ annotation: COCOAnnotation, _ mask: RLE, note: (String, Severity, String) -> Void) {
        guard let area = annotation.area, let box = annotation.bbox, !mask.isEmpty, !annotation.isCrowd,
            abs(area - box.area) <= 0.5 + 0.001 * box.area, Double(mask.area) < 0.9 * area,
            // What reaches outside the image has been noted with its own rule.
            box.x >= 0, box.y >= 0, box.maxX <= Double(mask.width), box.maxY <= Double(mask.height)
        else { return }
        note(
            ConversionRule.boxArea, .warning,
            "the area \(JSONValue.number(area).text()) is the box's, the mask has \(mask.area) pixels; it is kept as stated (audit --fix mends it)"
        )
    }

    /// The stated box where it is one, cut at the image's edges; otherwise the mask's.
    private func box(
        _ annotation: COCOAnnotation, _ mask: RLE, of input: LoadedImage, note: (String, Severity, String) -> Void
    ) -> Box {
        guard let stated = annotation.bbox else { return mask.boundingBox }
        guard stated.width > 0, stated.height > 0 else {
            note(
                ConversionRule.boxDegenerate, .warning,
                "the box \(stated) has no area; the mask's, \(mask.boundingBox), is taken")
            return mask.boundingBox
        }
        let (width, height) = (Double(input.width), Double(input.height))
        let x = min(max(stated.x, 0), width)
        let y = min(max(stated.y, 0), height)
        let cut = Box(
            x: x, y: y, width: min(max(stated.maxX, 0), width) - x, height: min(max(stated.maxY, 0), height) - y)
        let excess = [cut.x - stated.x, cut.y - stated.y, cut.maxX - stated.maxX, cut.maxY - stated.maxY].map(abs)
        // Below a shard's own resolution it is rounding, of which there is much, and no cut.
        guard let most = excess.max(), most > 0.001 else { return cut == stated ? stated : cut }
        // An outline that draws nothing has been noted with its own rule.
        let isOutlines = annotation.segmentation?.bounds.map { $0.isNear(stated) } ?? false
        if !(isOutlines && mask.isEmpty) {
            note(
                isOutlines ? ConversionRule.polygonOutside : ConversionRule.boxOutside, most > 1 ? .warning : .note,
                "the \(isOutlines ? "polygon and its box" : "box") \(stated) \(isOutlines ? "reach" : "reaches") outside "
                    + "the image of \(input.width) x \(input.height); the box is cut to \(cut)")
        }
        return cut
    }
}

extension COCOAnnotation {
    /// Whether a key stands there with a value that the reader could not understand, and has reported.
    fileprivate func hasUnreadable(_ key: String) -> Bool { extra[key] != nil }
}

extension Segmentation {
    /// The bounds of all polygons; nil for run lengths, which cannot reach outside.
    fileprivate var bounds: Box? {
        guard case .polygons(let rings) = self else { return nil }
        return PolygonGeometry.bounds(rings.flatMap { $0.prefix($0.count & ~1) })
    }
}

extension Box {
    /// Whether the edges are the same up to rounding and the half pixel by which masks and outlines differ.
    fileprivate func isNear(_ other: Box) -> Bool {
        [x - other.x, y - other.y, maxX - other.maxX, maxY - other.maxY].allSatisfy { abs($0) <= 1.5 }
    }
}
