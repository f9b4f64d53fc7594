package import Masks

/// Means of the mask metrics over many objects, in all and for each size class.
package struct MaskSummary: Sendable, Hashable {
    /// The metrics of one group of objects.
    package struct Group: Sendable, Hashable {
        package var intersectionOverUnion = MeanAccumulator()
        package var dice = MeanAccumulator()
        package var boundaryIntersectionOverUnion = MeanAccumulator()
        package var hausdorff95 = MeanAccumulator()

        package init() {}

        mutating func merge(_ other: Group) {
            intersectionOverUnion.merge(other.intersectionOverUnion)
            dice.merge(other.dice)
            boundaryIntersectionOverUnion.merge(other.boundaryIntersectionOverUnion)
            hausdorff95.merge(other.hausdorff95)
        }
    }

    package private(set) var all = Group()
    package private(set) var bySize: [SizeBin: Group] = [:]

    package init() {}

    /// Compares one object's prediction with its truth. The true mask's area decides the size class.
    ///
    /// - Parameter comparesBoundaries: whether boundary IoU and HD95 are computed, which take longer than the others.
    package mutating func add(prediction: Bitmap, truth: Bitmap, comparesBoundaries: Bool = true) {
        var group = Group()
        group.intersectionOverUnion.add(MaskMetrics.intersectionOverUnion(prediction, truth))
        group.dice.add(MaskMetrics.dice(prediction, truth))
        if comparesBoundaries {
            // Beyond both masks is background, as beyond the image: what is cut off there changes no boundary.
            let (inner, innerTruth) = Self.cutToContent(prediction, truth)
            let thickness = MaskMetrics.boundaryThickness(height: truth.height, width: truth.width)
            group.boundaryIntersectionOverUnion.add(
                MaskMetrics.boundaryIntersectionOverUnion(inner, innerTruth, thickness: thickness))
            group.hausdorff95.add(MaskMetrics.hausdorff95(inner, innerTruth))
        }
        all.merge(group)
        bySize[SizeBin(area: Double(truth.area)), default: Group()].merge(group)
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

    /// Adds what another summary has seen, in a fixed order.
    package mutating func merge(_ other: MaskSummary) {
        all.merge(other.all)
        for size in SizeBin.allCases {
            if let group = other.bySize[size] { bySize[size, default: Group()].merge(group) }
        }
    }
}
