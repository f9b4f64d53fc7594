package import Masks

/// How well one predicted mask agrees with the label of its object.
package struct ObjectScores: Sendable, Hashable {
    /// 0...1.
    package var intersectionOverUnion: Double
    /// 0...1.
    package var dice: Double
    /// 0...1; nil where boundaries were not compared.
    package var boundaryIntersectionOverUnion: Double?
    /// In pixels; nil where boundaries were not compared, and where exactly one of the masks is empty.
    package var hausdorff95: Double?

    package init(
        intersectionOverUnion: Double, dice: Double, boundaryIntersectionOverUnion: Double? = nil,
        hausdorff95: Double? = nil
    ) {
        self.intersectionOverUnion = intersectionOverUnion
        self.dice = dice
        self.boundaryIntersectionOverUnion = boundaryIntersectionOverUnion
        self.hausdorff95 = hausdorff95
    }

    /// Compares two masks of one size.
    ///
    /// - Parameter comparesBoundaries: whether boundary IoU and HD95 are computed, which take longer than the others.
    package init(prediction: Bitmap, truth: Bitmap, comparesBoundaries: Bool = true) {
        intersectionOverUnion = MaskMetrics.intersectionOverUnion(prediction, truth)
        dice = MaskMetrics.dice(prediction, truth)
        guard comparesBoundaries else { return }
        // Beyond both masks is background, as beyond the image: what is cut off there changes no boundary.
        let (inner, innerTruth) = Self.cutToContent(prediction, truth)
        let thickness = MaskMetrics.boundaryThickness(height: truth.height, width: truth.width)
        boundaryIntersectionOverUnion = MaskMetrics.boundaryIntersectionOverUnion(
            inner, innerTruth, thickness: thickness)
        hausdorff95 = MaskMetrics.hausdorff95(inner, innerTruth)
    }

    /// The value of one measure; nil where it is not defined.
    package subscript(metric: MaskMetric) -> Double? {
        switch metric {
        case .intersectionOverUnion: intersectionOverUnion
        case .dice: dice
        case .boundaryIntersectionOverUnion: boundaryIntersectionOverUnion
        case .hausdorff95: hausdorff95
        }
    }

    /// The smallest window of both masks that holds all of their pixels; the masks as they are where there is none.
    private static func cutToContent(_ a: Bitmap, _ b: Bitmap) -> (Bitmap, Bitmap) {
        let boxes = [a, b].compactMap { RLE($0).bounds }
        guard let first = boxes.first else { return (a, b) }
        let rows = boxes.reduce(first.rows) {
            min($0.lowerBound, $1.rows.lowerBound)..<max($0.upperBound, $1.rows.upperBound)
        }
        let columns = boxes.reduce(first.columns) {
            min($0.lowerBound, $1.columns.lowerBound)..<max($0.upperBound, $1.columns.upperBound)
        }
        return (a.cropped(rows: rows, columns: columns), b.cropped(rows: rows, columns: columns))
    }
}
