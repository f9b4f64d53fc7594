/// The measures by which a predicted mask is compared with its label.
package enum MaskMetric: String, Sendable, Hashable, CaseIterable {
    case intersectionOverUnion = "iou"
    case dice
    case boundaryIntersectionOverUnion = "boundary_iou"
    case hausdorff95 = "hd95"

    /// Whether a larger value is the better one; HD95 is a distance, of which a smaller one is.
    package var prefersMore: Bool { self != .hausdorff95 }

    /// What it is called in tables.
    package var title: String {
        switch self {
        case .intersectionOverUnion: "IoU"
        case .dice: "Dice"
        case .boundaryIntersectionOverUnion: "boundary IoU"
        case .hausdorff95: "HD95 (px)"
        }
    }
}
