internal import JSONText
internal import Masks
internal import Runtime

/// The objects of one image while they are read from a format that has no ids of its own, and what is wrong with them.
struct LabelSheet {
    /// Ids of one image's objects; more objects than this have no id.
    static let idsPerImage = 1_000_000

    private(set) var annotations: [COCOAnnotation] = []
    private(set) var findings: [LabelFinding] = []
    private let imageNumber: Int
    private let image: COCOImage
    /// The file that the labels are in, for findings.
    let path: String
    private var overflow = 0

    /// - Parameters:
    ///   - index: position of the image in its set, from which the ids of its objects are made.
    ///   - path: of the file with the labels.
    init(of image: COCOImage, at index: Int, path: String) {
        self.image = image
        self.path = path
        imageNumber = index + 1
    }

    /// The id of the object added next.
    var nextID: COCOIdentifier {
        .integer(Int64(imageNumber) * Int64(Self.idsPerImage) + Int64(annotations.count + 1))
    }

    /// Adds an object.
    ///
    /// - Parameter line: where it stands in the file, from 1.
    mutating func add(
        category: COCOIdentifier, segmentation: Segmentation?, box: Box? = nil, area: Double? = nil,
        isCrowd: Bool = false, extra: [RawMember] = [], line: Int? = nil
    ) {
        guard annotations.count < Self.idsPerImage - 1 else {
            overflow += 1
            return
        }
        annotations.append(
            COCOAnnotation(
                id: nextID, imageID: image.id, categoryID: category, segmentation: segmentation, bbox: box, area: area,
                crowdFlag: isCrowd, extra: extra,
                origin: DataOrigin(path: path, position: line.map { TextPosition(byteOffset: 0, line: $0) })))
    }

    /// Adds an object that is a mask; box and area are the mask's.
    mutating func add(
        category: COCOIdentifier, mask: RLE, isCrowd: Bool = false, extra: [RawMember] = [], line: Int? = nil
    ) {
        add(
            category: category,
            segmentation: .compressed(height: mask.height, width: mask.width, bytes: mask.compressed()),
            box: mask.boundingBox, area: Double(mask.area), isCrowd: isCrowd, extra: extra, line: line)
    }

    /// Notes what left the objects as they are.
    mutating func note(
        _ rule: String, _ severity: Severity, line: Int? = nil, keyPath: String? = nil, _ message: String
    ) {
        findings.append(LabelFinding(finding(rule, severity, line: line, keyPath: keyPath, message)))
    }

    /// Notes why an object is dropped.
    mutating func drop(_ rule: String, line: Int? = nil, keyPath: String? = nil, _ message: String) {
        var finding = finding(rule, .error, line: line, keyPath: keyPath, message + "; the object is dropped")
        // What identifies an object without an id is its place, of which there is one in each file.
        finding.location.annotationID = (keyPath ?? line.map { "line \($0)" }).map { "\(path) \($0)" }
        findings.append(LabelFinding(finding, dropped: .annotations))
    }

    /// Notes why the image is dropped with all its objects: what its labels say cannot be known, and without them it would
    /// look like an image of nothing.
    mutating func dropImage(_ rule: String, line: Int? = nil, _ message: String) {
        annotations = []
        findings.append(
            LabelFinding(
                finding(rule, .error, line: line, keyPath: nil, message + "; the image is dropped"), dropped: .images))
    }

    /// Hands over the objects, after the findings.
    consuming func finish(_ report: (LabelFinding) -> Void) -> [COCOAnnotation] {
        if overflow > 0 {
            drop(
                LabelRule.tooManyObjects, keyPath: "object \(Self.idsPerImage) and \(overflow - 1) more",
                "the image has more than \(Self.idsPerImage - 1) objects")
        }
        for finding in findings { report(finding) }
        return annotations
    }

    private func finding(
        _ rule: String, _ severity: Severity, line: Int?, keyPath: String?, _ message: String
    ) -> Finding {
        Finding(
            rule: rule, severity: severity,
            location: DataLocation(path: path, line: line, imageID: image.id.description, keyPath: keyPath),
            message: message)
    }
}
