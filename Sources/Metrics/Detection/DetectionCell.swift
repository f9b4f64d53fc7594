/// The truth and the detections of one class in one image.
package struct DetectionCell: Sendable {
    /// A true object.
    package struct Truth: Sendable, Hashable {
        /// In pixels, as the labels state it.
        package var area: Double
        /// A match with it is neither right nor wrong.
        package var isIgnored: Bool
        /// It stands for a crowd, and any number of detections may match it.
        package var takesMany: Bool

        package init(area: Double, isIgnored: Bool = false, takesMany: Bool = false) {
            self.area = area
            self.isIgnored = isIgnored
            self.takesMany = takesMany
        }
    }

    /// A detected object.
    package struct Detection: Sendable, Hashable {
        package var score: Double
        /// In pixels.
        package var area: Double

        package init(score: Double, area: Double) {
            self.score = score
            self.area = area
        }
    }

    /// In the order of the labels.
    package var truths: [Truth]
    /// Best first; of equal scores, in the order of the file.
    package var detections: [Detection]
    /// Row-major [detections, truths].
    package var overlaps: [Double]
    /// Not all objects of the class are labelled in this image: a detection without a match may be right.
    package var ignoresUnmatched: Bool

    package init(
        truths: [Truth], detections: [Detection], overlaps: [Double], ignoresUnmatched: Bool = false
    ) {
        precondition(
            overlaps.count == truths.count * detections.count,
            "\(overlaps.count) overlaps of \(detections.count) detections with \(truths.count) truths")
        self.truths = truths
        self.detections = detections
        self.overlaps = overlaps
        self.ignoresUnmatched = ignoresUnmatched
    }
}
