/// What of a detection is compared with the truth.
package enum OverlapKind: String, Sendable, Hashable, CaseIterable {
    /// Boxes.
    case bbox
    /// Masks.
    case segm
    /// The smaller of the masks' overlap and that of their boundary bands; of crowds, the masks' alone.
    ///
    /// Source: Cheng et al., "Boundary IoU", CVPR 2021; bowenc0221/boundary-iou-api `coco_instance_api/cocoeval.py`.
    case boundary

    /// Whether masks are drawn.
    package var comparesMasks: Bool { self != .bbox }
}
