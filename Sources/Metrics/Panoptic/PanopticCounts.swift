/// What was found of one class: segments found, made up and missed, and how well the found ones agree.
package struct PanopticCounts: Sendable, Hashable {
    /// Segments that were found.
    package var found = 0
    /// Predicted segments that are none.
    package var madeUp = 0
    /// Segments that were not found.
    package var missed = 0
    /// Sum of the found segments' intersection over union.
    package var overlapSum = 0.0

    package init() {}

    package mutating func add(_ other: PanopticCounts) {
        found += other.found
        madeUp += other.madeUp
        missed += other.missed
        overlapSum += other.overlapSum
    }

    /// Panoptic, segmentation and recognition quality of the class; nil without any segment.
    package var quality: PanopticQuality? {
        guard found + madeUp + missed > 0 else { return nil }
        let size = Double(found) + 0.5 * Double(madeUp) + 0.5 * Double(missed)
        return PanopticQuality(
            panoptic: overlapSum / size, segmentation: found == 0 ? 0 : overlapSum / Double(found),
            recognition: Double(found) / size)
    }
}

/// How well an image is divided into segments: `panoptic = segmentation x recognition` of each class.
///
/// Source: Kirillov et al., "Panoptic Segmentation", CVPR 2019; cocodataset/panopticapi `evaluation.py`.
package struct PanopticQuality: Sendable, Hashable {
    /// PQ, 0...1.
    package var panoptic: Double
    /// SQ, 0...1: mean overlap of the segments that were found.
    package var segmentation: Double
    /// RQ, 0...1: F1 score of finding them.
    package var recognition: Double

    package init(panoptic: Double, segmentation: Double, recognition: Double) {
        self.panoptic = panoptic
        self.segmentation = segmentation
        self.recognition = recognition
    }

    /// The mean over classes; nil without one.
    package static func mean(_ classes: [PanopticQuality]) -> PanopticQuality? {
        guard !classes.isEmpty else { return nil }
        let count = Double(classes.count)
        return PanopticQuality(
            panoptic: classes.reduce(0) { $0 + $1.panoptic } / count,
            segmentation: classes.reduce(0) { $0 + $1.segmentation } / count,
            recognition: classes.reduce(0) { $0 + $1.recognition } / count)
    }
}
