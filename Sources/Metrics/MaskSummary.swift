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
        add(
            ObjectScores(prediction: prediction, truth: truth, comparesBoundaries: comparesBoundaries),
            area: truth.area)
    }

    /// Adds one object that was compared.
    ///
    /// - Parameter area: of the true mask, in pixels; it decides the size class.
    package mutating func add(_ scores: ObjectScores, area: Int) {
        var group = Group()
        group.intersectionOverUnion.add(scores.intersectionOverUnion)
        group.dice.add(scores.dice)
        if let boundary = scores.boundaryIntersectionOverUnion {
            group.boundaryIntersectionOverUnion.add(boundary)
            group.hausdorff95.add(scores.hausdorff95)
        }
        all.merge(group)
        bySize[SizeBin(area: Double(area)), default: Group()].merge(group)
    }

    /// Adds what another summary has seen, in a fixed order.
    package mutating func merge(_ other: MaskSummary) {
        all.merge(other.all)
        for size in SizeBin.allCases {
            if let group = other.bySize[size] { bySize[size, default: Group()].merge(group) }
        }
    }
}
