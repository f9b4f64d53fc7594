package import Masks

/// How well a predicted mask agrees with the true one; both of one size.
///
/// Two empty masks agree perfectly; an empty mask and another one not at all.
package enum MaskMetrics {
    /// Intersection over union (Jaccard index): |A ∩ B| / |A ∪ B|, 0...1.
    package static func intersectionOverUnion(_ prediction: Bitmap, _ truth: Bitmap) -> Double {
        let shared = prediction.intersection(truth).area
        let union = prediction.area + truth.area - shared
        return union == 0 ? 1 : Double(shared) / Double(union)
    }

    /// Dice coefficient (F1 of pixels): 2 |A ∩ B| / (|A| + |B|), 0...1.
    package static func dice(_ prediction: Bitmap, _ truth: Bitmap) -> Double {
        let shared = prediction.intersection(truth).area
        let total = prediction.area + truth.area
        return total == 0 ? 1 : Double(2 * shared) / Double(total)
    }

    /// Intersection over union of the masks' inner boundary bands.
    ///
    /// The band is the mask without its erosion by a 3 x 3 square, `round(ratio * diagonal)` times and at least once, the
    /// image's outside being background.
    /// Source: Cheng et al., "Boundary IoU", CVPR 2021; bowenc0221/boundary-iou-api `boundary_utils.py`.
    ///
    /// - Parameter ratio: band width as part of the image diagonal; 0.02 in the paper.
    package static func boundaryIntersectionOverUnion(
        _ prediction: Bitmap, _ truth: Bitmap, ratio: Double = 0.02
    ) -> Double {
        boundaryIntersectionOverUnion(
            prediction, truth,
            thickness: boundaryThickness(height: prediction.height, width: prediction.width, ratio: ratio))
    }

    /// The same for a band of known width.
    ///
    /// - Parameter thickness: of the band, in pixels, at least 1.
    package static func boundaryIntersectionOverUnion(
        _ prediction: Bitmap, _ truth: Bitmap, thickness: Int
    ) -> Double {
        intersectionOverUnion(prediction.boundary(thickness: thickness), truth.boundary(thickness: thickness))
    }

    /// The width of the boundary band in pixels, rounded half to even as Python's `round`.
    package static func boundaryThickness(height: Int, width: Int, ratio: Double = 0.02) -> Int {
        let diagonal = Double(height * height + width * width).squareRoot()
        return max(1, Int((ratio * diagonal).rounded(.toNearestOrEven)))
    }

    /// The 95th percentile Hausdorff distance between the masks' edges, in pixels.
    ///
    /// Edge pixels are those with a 4-neighbour outside the mask. For each edge pixel of one mask the distance to the
    /// nearest edge pixel of the other is taken; of these distances the 95th percentile with linear interpolation (numpy's
    /// default); the larger of the two directions is the result. These are the conventions of MONAI's
    /// `HausdorffDistanceMetric(percentile=95)`.
    ///
    /// - Returns: 0 for two empty masks; nil if exactly one is empty, since there is no distance then.
    package static func hausdorff95(_ prediction: Bitmap, _ truth: Bitmap) -> Double? {
        precondition(
            prediction.height == truth.height && prediction.width == truth.width,
            "masks of \(prediction.height) x \(prediction.width) and \(truth.height) x \(truth.width) pixels")
        let edge = prediction.edge()
        let otherEdge = truth.edge()
        let (isEmpty, otherIsEmpty) = (edge.area == 0, otherEdge.area == 0)
        if isEmpty && otherIsEmpty { return 0 }
        if isEmpty || otherIsEmpty { return nil }
        return max(directedPercentile(edge, to: otherEdge), directedPercentile(otherEdge, to: edge))
    }

    private static func directedPercentile(_ edge: Bitmap, to other: Bitmap) -> Double {
        let squares = other.squaredDistancesToForeground()
        var distances: [Int] = []
        for (index, pixel) in edge.pixels.enumerated() where pixel != 0 { distances.append(squares[index]) }
        distances.sort()
        return percentile(0.95, ofSorted: distances.map { Double($0).squareRoot() })
    }

    /// The value below which a share of the values lies, linearly interpolated between neighbours.
    ///
    /// - Parameters:
    ///   - share: 0...1.
    ///   - values: ascending, at least one.
    package static func percentile(_ share: Double, ofSorted values: [Double]) -> Double {
        precondition(!values.isEmpty && (0...1).contains(share), "percentile \(share) of \(values.count) values")
        let position = share * Double(values.count - 1)
        let below = Int(position)
        let above = min(below + 1, values.count - 1)
        return values[below] + (values[above] - values[below]) * (position - Double(below))
    }
}
