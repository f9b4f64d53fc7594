package import Metrics

/// What one answerer made of one object: a row from which every table of an evaluation can be computed.
package struct ObjectRow: Sendable, Hashable {
    /// Number of the image's record in the set, from 0.
    package var record: Int
    package var imageID: String
    package var annotationID: String
    package var categoryID: Int64
    /// Area of the label's mask, in pixels.
    package var area: Int
    /// Asked for with its box.
    package var box: ObjectScores
    /// Asked for with one click, two clicks, and so on; the first is the point. At least one.
    package var clicks: [ObjectScores]
    /// The masks for the box and for the point as compressed run lengths, where masks are kept.
    package var boxMask: String?
    package var pointMask: String?

    package init(
        record: Int, imageID: String, annotationID: String, categoryID: Int64, area: Int, box: ObjectScores,
        clicks: [ObjectScores], boxMask: String? = nil, pointMask: String? = nil
    ) {
        precondition(!clicks.isEmpty, "object \(annotationID) of image \(imageID) was asked for without a click")
        self.record = record
        self.imageID = imageID
        self.annotationID = annotationID
        self.categoryID = categoryID
        self.area = area
        self.box = box
        self.clicks = clicks
        self.boxMask = boxMask
        self.pointMask = pointMask
    }

    /// COCO's size class of the label.
    package var size: SizeBin { SizeBin(area: Double(area)) }

    /// The scores of one way of asking; nil where the object was not asked for so.
    package subscript(form: PromptForm) -> ObjectScores? {
        switch form {
        case .box: box
        case .clicks(let count): clicks.indices.contains(count - 1) ? clicks[count - 1] : nil
        }
    }

    /// Clicks that it took to reach an IoU; nil where the most that were given did not.
    ///
    /// Source: "number of clicks" of interactive segmentation, as in Sofiiuk et al., "Reviving iterative training with mask
    /// guidance", 2022.
    package func clicks(toReach intersectionOverUnion: Double) -> Int? {
        clicks.firstIndex { $0.intersectionOverUnion >= intersectionOverUnion }.map { $0 + 1 }
    }
}
