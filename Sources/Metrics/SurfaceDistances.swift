package import Masks

/// The distances between the edges of two masks: of each edge pixel of one to the nearest edge pixel of the other.
///
/// Edge pixels are those with a 4-neighbour outside the mask. These are the conventions of MONAI's
/// `HausdorffDistanceMetric` and `SurfaceDiceMetric` without sub-voxels.
package struct SurfaceDistances: Sendable, Hashable {
    /// From one pixel to the next, in any unit, in which distances are then.
    package struct Spacing: Sendable, Hashable {
        package var row: Double
        package var column: Double

        /// - Precondition: both more than 0.
        package init(row: Double, column: Double) {
            precondition(row > 0 && column > 0 && row.isFinite && column.isFinite, "spacing of \(row) x \(column)")
            self.row = row
            self.column = column
        }

        /// Distances in pixels.
        package static let pixels = Spacing(row: 1, column: 1)
    }

    /// Of the prediction's edge, ascending.
    package let ofPrediction: [Double]
    /// Of the truth's edge, ascending.
    package let ofTruth: [Double]

    /// Compares two masks of one size; nil if exactly one of them is empty, since there is no distance then.
    package init?(_ prediction: Bitmap, _ truth: Bitmap, spacing: Spacing = .pixels) {
        precondition(
            prediction.height == truth.height && prediction.width == truth.width,
            "masks of \(prediction.height) x \(prediction.width) and \(truth.height) x \(truth.width) pixels")
        let (edge, other) = (prediction.edge(), truth.edge())
        guard (edge.area == 0) == (other.area == 0) else { return nil }
        ofPrediction = Self.distances(of: edge, to: other, spacing)
        ofTruth = Self.distances(of: other, to: edge, spacing)
    }

    private static func distances(of edge: Bitmap, to other: Bitmap, _ spacing: Spacing) -> [Double] {
        let distances = other.distancesToForeground(rowSpacing: spacing.row, columnSpacing: spacing.column)
        var found: [Double] = []
        for (index, pixel) in edge.pixels.enumerated() where pixel != 0 { found.append(distances[index]) }
        found.sort()
        return found
    }

    /// The 95th percentile Hausdorff distance: the larger of both directions; 0 for two empty masks.
    package var hausdorff95: Double {
        [ofPrediction, ofTruth].filter { !$0.isEmpty }.map { MaskMetrics.percentile(0.95, ofSorted: $0) }.max() ?? 0
    }

    /// Normalised surface distance (also surface Dice): the share of both edges that lies within a tolerance of the other
    /// one, 0...1; 1 for two empty masks.
    ///
    /// Source: Nikolov et al., "Deep learning to achieve clinically applicable segmentation of head and neck anatomy for
    /// radiotherapy", 2018; counted in edge pixels as by MONAI.
    ///
    /// - Parameter tolerance: in the unit of the spacing, 0 or more.
    package func normalisedSurfaceDistance(tolerance: Double) -> Double {
        let total = ofPrediction.count + ofTruth.count
        if total == 0 { return 1 }
        let within = ofPrediction.count { $0 <= tolerance } + ofTruth.count { $0 <= tolerance }
        return Double(within) / Double(total)
    }
}
