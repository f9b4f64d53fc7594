internal import Annotations
internal import Masks
internal import Runtime

/// Everything that can be said of one annotation and its image alone.
struct ObjectCheck: Sendable {
    private(set) var findings: [Finding] = []
    /// Stands for what was drawn: equal for equal masks, or for equal boxes where there is no mask; nil for neither.
    private(set) var digest: UInt64?
    /// The stated area is wrong in that it is the box's.
    private(set) var hasBoxArea = false
    /// What the mask tells of what is wrong.
    private(set) var repair = COCORepair()

    /// - Parameter size: of the annotation's image, where known.
    init(_ annotation: COCOAnnotation, size: ImageSize?) {
        let location = annotation.location
        let drawn = checkMask(annotation, size: size, at: location)
        let isBoxUsable =
            annotation.bbox.map { checkBox($0, size: size, outline: drawn.outside, at: location) } ?? false
        if let measures = drawn.measures, let size {
            checkArea(annotation, measures, at: location)
            for finding in findings where ["bbox.degenerate", "bbox.outside"].contains(finding.rule) {
                repairBox(measures, finding.rule)
            }
            if isBoxUsable, let box = annotation.bbox,
                let problem = AgreementCheck.boxProblem(box, measures, size: size)
            {
                report("agreement.bbox", at: location, key: "bbox", problem)
                repairBox(measures, "agreement.bbox")
            }
        }
        if digest == nil, Self.isBoxOnly(annotation), isBoxUsable, let box = annotation.bbox {
            digest = ObjectDigest.of(box)
        }
    }

    private mutating func report(_ rule: String, at location: DataLocation, key: String, _ message: String) {
        var place = location
        place.keyPath = key
        findings.append(AuditRules.rule(rule).finding(at: place, message))
    }

    private mutating func repairBox(_ measures: AgreementCheck.Measures, _ rule: String) {
        repair.box = measures.maskBox
        repair.rules.append(rule)
    }

    /// What came of looking at the segmentation.
    private struct Drawn {
        /// What a sound mask measures.
        var measures: AgreementCheck.Measures?
        /// The bounds of an outline that reaches outside the image.
        var outside: Box?
    }

    private static func isBoxOnly(_ annotation: COCOAnnotation) -> Bool {
        annotation.segmentation.map(\.isEmptyList) ?? (annotation.extra["segmentation"] == nil)
    }

    private mutating func checkMask(_ annotation: COCOAnnotation, size: ImageSize?, at location: DataLocation) -> Drawn
    {
        if Self.isBoxOnly(annotation) {
            let what = annotation.segmentation == nil ? "there is no segmentation" : "the segmentation is an empty list"
            report("mask.missing", at: location, key: "segmentation", what)
            return Drawn()
        }
        switch annotation.segmentation {
        case nil:
            // The reader has reported what it could not understand.
            return Drawn()
        case .polygons(let rings):
            if annotation.isCrowd {
                report("agreement.crowd", at: location, key: "iscrowd", "iscrowd is 1, the segmentation is polygons")
            }
            let check = PolygonCheck(rings: rings, size: size, location: location)
            findings += check.findings
            let measures = check.mask.flatMap { measure($0, at: location, check) }
            return Drawn(measures: measures, outside: check.isOutside ? check.bounds : nil)
        case .some(let segmentation):
            let check = RunLengthCheck(segmentation, size: size, location: location)
            findings += check.findings
            return Drawn(measures: check.mask.flatMap { measure($0, at: location, nil) })
        }
    }

    private mutating func measure(
        _ mask: RLE, at location: DataLocation, _ polygons: PolygonCheck?
    ) -> AgreementCheck.Measures? {
        guard !mask.isEmpty else {
            report("mask.empty", at: location, key: "segmentation", "the mask has no pixel")
            return nil
        }
        let area = mask.area
        if area == mask.pixelCount {
            report("mask.full", at: location, key: "segmentation", "the mask covers all \(area) pixels")
        }
        digest = ObjectDigest.of(mask)
        return AgreementCheck.Measures(
            maskArea: area, maskBox: mask.boundingBox, polygonArea: polygons?.area, polygonBox: polygons?.bounds,
            perimeter: polygons?.perimeter ?? 0)
    }

    /// Crowd regions are left out: evaluation ignores their area, and COCO's own are a tenth off.
    private mutating func checkArea(
        _ annotation: COCOAnnotation, _ measures: AgreementCheck.Measures, at location: DataLocation
    ) {
        guard !annotation.isCrowd, let area = annotation.area,
            let problem = AgreementCheck.areaProblem(area, measures)
        else { return }
        repair.area = Double(measures.maskArea)
        if let box = annotation.bbox, AgreementCheck.isArea(area, of: box) {
            hasBoxArea = true
            repair.rules.append("agreement.box-area")
        } else {
            repair.rules.append("agreement.area")
            report("agreement.area", at: location, key: "area", problem)
        }
    }

    /// Checks the box by itself; false when there is no use in comparing it with the mask.
    ///
    /// - Parameter outline: the bounds of an outline that was reported to reach outside; its box does so, too.
    private mutating func checkBox(
        _ box: Box, size: ImageSize?, outline: Box?, at location: DataLocation
    ) -> Bool {
        guard box.width > 0, box.height > 0 else {
            report("bbox.degenerate", at: location, key: "bbox", "the box is \(box)")
            return false
        }
        guard let size else { return true }
        let tolerance = PolygonCheck.outsideTolerance
        let isInside =
            box.x >= -tolerance && box.y >= -tolerance && box.maxX <= Double(size.width) + tolerance
            && box.maxY <= Double(size.height) + tolerance
        if isInside { return true }
        if let outline, AgreementCheck.isSame(box, outline) { return false }
        report(
            "bbox.outside", at: location, key: "bbox",
            "the box is \(box) in an image of \(size.width) x \(size.height)")
        return false
    }
}
