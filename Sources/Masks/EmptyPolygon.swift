/// Why a polygon draws no pixel; raw values are the rule ids of `samdata audit`.
package enum EmptyPolygon: String, Sendable, Hashable, CaseIterable {
    /// Coordinates are parts of the image's size.
    case normalised = "polygon.normalised"
    /// There is no point.
    case noPoint = "polygon.empty"
    /// There are fewer than three different points.
    case fewPoints = "polygon.degenerate"
    /// All points lie on one side of the image.
    case offImage = "polygon.off-image"
    /// The outline passes between the pixels' centres.
    case zeroArea = "polygon.zero-area"

    /// The reason for `rings` that are finite and draw nothing in an image of `height` x `width`; of several, the first is
    /// looked at.
    package init(rings: [[Double]], height: Int, width: Int) {
        let ring = rings.first ?? []
        if PolygonGeometry.isNormalised(rings, height: height, width: width) {
            self = .normalised
        } else if let bounds = PolygonGeometry.bounds(ring) {
            if PolygonGeometry.distinctPoints(ring) < 3 {
                self = .fewPoints
            } else {
                self = bounds.isOutside(height: height, width: width) ? .offImage : .zeroArea
            }
        } else {
            self = .noPoint
        }
    }
}
