internal import Annotations
internal import JSONText
internal import Masks
internal import Runtime
internal import SAM

/// What was found in one image: the entry of a journal, from which the output is made.
struct SegmentedImage {
    /// The image with its size; nil when it was dropped.
    var image: COCOImage?
    /// One an object, the best first; ids count from 1.
    var annotations: [COCOAnnotation]
    /// What is odd about the file; an error is why it was dropped.
    var findings: [Finding]

    /// The member of an image that holds the digest of its file.
    static let digestName = "sha256"

    /// Masks of an image as COCO annotations: the box is COCO's, and `score` is the predicted IoU.
    static func annotations(_ masks: [AutomaticMask], imageID: COCOIdentifier) -> [COCOAnnotation] {
        masks.enumerated().map { index, mask in
            let crop = mask.cropBox
            return COCOAnnotation(
                id: .integer(Int64(index + 1)), imageID: imageID, categoryID: .integer(1),
                segmentation: .compressed(
                    height: mask.rle.height, width: mask.rle.width, bytes: mask.rle.compressed()),
                bbox: mask.rle.boundingBox, area: Double(mask.area), crowdFlag: false,
                extra: [
                    RawMember("score", .number(Double(mask.predictedIoU))),
                    // Of an empty mask there is none.
                    RawMember(
                        "stability_score", .number(mask.stabilityScore.isFinite ? Double(mask.stabilityScore) : 0)),
                    RawMember("point_coords", .array([.array([.number(mask.point.x), .number(mask.point.y)])])),
                    RawMember(
                        "crop_box",
                        .array([crop.x0, crop.y0, crop.width, crop.height].map { .integer(Int64($0)) })),
                ])
        }
    }

    // MARK: In a file

    /// The section of a COCO file that holds what does not belong into its lists.
    static let sectionName = "samdata"

    /// Findings as JSON: rule, severity, path and message of each.
    static func json(_ findings: [Finding]) -> JSONValue {
        .array(
            findings.map { finding in
                .object([
                    JSONMember("rule", .string(finding.rule)),
                    JSONMember("severity", .string(finding.severity.rawValue)),
                    JSONMember("path", .string(finding.location.path ?? "")),
                    JSONMember("message", .string(finding.message)),
                ])
            })
    }

    /// Findings from JSON; nil for what ``json(_:)`` does not write.
    static func findings(_ json: JSONValue?) -> [Finding]? {
        guard let list = json?.array else { return nil }
        var findings: [Finding] = []
        for entry in list {
            guard let rule = entry["rule"]?.string, let message = entry["message"]?.string,
                let path = entry["path"]?.string, let severity = entry["severity"]?.string.flatMap(Severity.init)
            else { return nil }
            findings.append(
                Finding(rule: rule, severity: severity, location: DataLocation(path: path), message: message))
        }
        return findings
    }
}
