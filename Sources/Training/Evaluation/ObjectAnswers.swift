package import Masks
package import SAM

/// An answerer's masks of the objects of one image, for all ways in which they were asked for.
package struct ObjectAnswers: Sendable {
    /// For the objects' boxes, one mask an object.
    package var boxes: [RLE]
    /// For one click, two clicks, and so on, each with one mask an object. Where a mask is right already, or the answerer
    /// takes no more, it stays as it is. At least the first.
    package var clicks: [[RLE]]
    /// The clicks that each object was given in the end.
    package var points: [[Prompt.Point]]

    package init(boxes: [RLE], clicks: [[RLE]], points: [[Prompt.Point]]) {
        self.boxes = boxes
        self.clicks = clicks
        self.points = points
    }
}
