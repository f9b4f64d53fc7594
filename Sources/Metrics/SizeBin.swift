/// The size classes of COCO's evaluation, by an object's area in pixels.
package enum SizeBin: String, Sendable, Hashable, CaseIterable {
    /// Below 32 x 32 pixels.
    case small
    /// From 32 x 32 to below 96 x 96 pixels.
    case medium
    /// From 96 x 96 pixels.
    case large

    package init(area: Double) {
        switch area {
        case ..<1024: self = .small
        case ..<9216: self = .medium
        default: self = .large
        }
    }
}
