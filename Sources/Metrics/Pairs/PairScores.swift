package import Masks

/// How well the mask of a detection agrees with that of the object which it found.
package struct PairScores: Sendable, Hashable {
    /// The measures, in the order of tables.
    package enum Measure: Int, Sendable, Hashable, CaseIterable {
        case intersectionOverUnion
        case dice
        case boundaryIntersectionOverUnion
        case hausdorff95
        case normalisedSurfaceDistance

        /// As in JSON.
        package var key: String {
            switch self {
            case .intersectionOverUnion: "iou"
            case .dice: "dice"
            case .boundaryIntersectionOverUnion: "boundary_iou"
            case .hausdorff95: "hd95"
            case .normalisedSurfaceDistance: "nsd"
            }
        }
    }

    /// What distances are measured by.
    package struct Options: Sendable, Hashable {
        /// From one pixel to the next.
        package var spacing = SurfaceDistances.Spacing.pixels
        /// Of the normalised surface distance, in the unit of the spacing.
        package var tolerance = 2.0

        package init() {}
    }

    /// The object's class.
    package var classIndex: Int
    /// Place of its image.
    package var image: Int
    /// By the area of the object's mask.
    package var size: SizeBin
    /// In the order of ``Measure``; NaN where a measure is not defined.
    private var values: (Double, Double, Double, Double, Double)

    /// Compares two masks of one size, at a cost that follows the box around both.
    package init(prediction: RLE, truth: RLE, classIndex: Int, image: Int, options: Options = Options()) {
        self.classIndex = classIndex
        self.image = image
        size = SizeBin(area: Double(truth.area))
        let (a, b) = Self.windows(prediction, truth)
        let thickness = MaskMetrics.boundaryThickness(height: truth.height, width: truth.width)
        // Beyond both masks is background, as beyond the image: what is cut off there changes no boundary.
        let distances = SurfaceDistances(a, b, spacing: options.spacing)
        values = (
            MaskMetrics.intersectionOverUnion(a, b), MaskMetrics.dice(a, b),
            MaskMetrics.boundaryIntersectionOverUnion(a, b, thickness: thickness), distances?.hausdorff95 ?? .nan,
            distances?.normalisedSurfaceDistance(tolerance: options.tolerance) ?? 0
        )
    }

    /// The value of a measure; nil where it is not defined.
    package subscript(measure: Measure) -> Double? {
        let value =
            switch measure {
            case .intersectionOverUnion: values.0
            case .dice: values.1
            case .boundaryIntersectionOverUnion: values.2
            case .hausdorff95: values.3
            case .normalisedSurfaceDistance: values.4
            }
        return value.isNaN ? nil : value
    }

    /// The smallest window that holds all pixels of both.
    private static func windows(_ a: RLE, _ b: RLE) -> (Bitmap, Bitmap) {
        let bounds = [a, b].compactMap(\.bounds)
        guard let first = bounds.first else { return (Bitmap(height: 0, width: 0), Bitmap(height: 0, width: 0)) }
        let rows = bounds.reduce(first.rows) {
            min($0.lowerBound, $1.rows.lowerBound)..<max($0.upperBound, $1.rows.upperBound)
        }
        let columns = bounds.reduce(first.columns) {
            min($0.lowerBound, $1.columns.lowerBound)..<max($0.upperBound, $1.columns.upperBound)
        }
        return (a.cropped(rows: rows, columns: columns).bitmap(), b.cropped(rows: rows, columns: columns).bitmap())
    }
}

extension PairScores {
    package static func == (a: PairScores, b: PairScores) -> Bool {
        a.classIndex == b.classIndex && a.image == b.image && a.size == b.size
            && Measure.allCases.allSatisfy { a[$0] == b[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(classIndex)
        hasher.combine(image)
        for measure in Measure.allCases { hasher.combine(self[measure]) }
    }
}
