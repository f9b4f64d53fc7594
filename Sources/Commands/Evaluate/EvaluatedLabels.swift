internal import Annotations
private import Metrics
private import Pipeline

/// Labels of any format as one side of an evaluation.
struct EvaluatedLabels {
    let path: String
    let format: LabelFormat
    /// Directory of the images, where the user names it.
    let images: String?

    /// - Parameters:
    ///   - asTruth: whether they are what predictions are held against.
    ///   - report: told what is wrong with the labels as a whole, and what was left out for it.
    /// - Throws: what the format's reader throws.
    func open(asTruth: Bool, report: (LabelFinding) -> Void) throws -> any LabelSource {
        if format == .coco || format == .lvis {
            // As the reference reads it: nothing is clipped or repaired.
            return try GroundTruthFile(path: format.labelFile(at: path), looksUpIDs: asTruth, report: report)
        }
        var options = LabelReadOptions()
        options.images = images
        let source = try format.open(path, options: options)
        let measured = try MeasuredSource(source, directory: images ?? ImageFolder(of: source, at: path).path)
        for finding in measured.findings { report(finding) }
        return measured
    }
}

extension LabelSource {
    /// Images that are looked at for whether objects have masks.
    private static var probes: Int { 16 }

    /// Whether the first object has a mask.
    func startsWithMask() throws -> Bool {
        for (index, image) in images.prefix(Self.probes).enumerated() {
            let objects = try annotations(
                ofImage: index, height: image.height ?? 0, width: image.width ?? 0, report: { _ in })
            if let first = objects.first { return first.segmentation != nil }
        }
        return true
    }
}
