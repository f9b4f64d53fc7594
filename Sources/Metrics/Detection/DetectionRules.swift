/// By which rules detections are matched with the truth and averaged.
///
/// Letters: T overlap thresholds, R recall thresholds, A area ranges, M maximum numbers of detections, K classes.
package struct DetectionRules: Sendable, Hashable {
    /// A range of areas in pixels, both ends included.
    package struct AreaRange: Sendable, Hashable {
        package var name: String
        package var low: Double
        package var high: Double

        package init(name: String, low: Double, high: Double) {
            self.name = name
            self.low = low
            self.high = high
        }

        /// Whether an area lies outside the range.
        package func excludes(_ area: Double) -> Bool { area < low || area > high }
    }

    /// Overlaps from which a detection may be a match, T of them.
    package var overlapThresholds: [Double]
    /// Recalls at which precision is read off, R of them, ascending.
    package var recallThresholds: [Double]
    /// A of them; the first holds every object.
    package var areaRanges: [AreaRange]
    /// M of them, ascending: detections that count, by score, in one image and class (of LVIS, in one image).
    package var maximumDetections: [Int]
    /// Classes are judged only in images where it is known whether they are there, as LVIS does.
    package var isFederated: Bool
    /// All classes are one.
    package var isClassAgnostic = false

    /// - Precondition: T x A is at most 64, and M at least 1.
    package init(
        overlapThresholds: [Double], recallThresholds: [Double], areaRanges: [AreaRange], maximumDetections: [Int],
        isFederated: Bool = false
    ) {
        precondition(
            overlapThresholds.count * areaRanges.count <= 64 && !maximumDetections.isEmpty,
            "\(overlapThresholds.count) thresholds of \(areaRanges.count) areas, \(maximumDetections) detections")
        self.overlapThresholds = overlapThresholds
        self.recallThresholds = recallThresholds
        self.areaRanges = areaRanges
        self.maximumDetections = maximumDetections.sorted()
        self.isFederated = isFederated
    }

    /// COCO's rules: overlaps 0.50, 0.55, ... 0.95, 101 recalls, sizes by 32² and 96² pixels.
    ///
    /// Source: cocodataset/cocoapi `PythonAPI/pycocotools/cocoeval.py`, `Params.setDetParams`.
    package static func coco(maximumDetections: [Int] = [1, 10, 100]) -> DetectionRules {
        DetectionRules(
            overlapThresholds: evenly(from: 0.5, to: 0.95, count: 10),
            recallThresholds: evenly(from: 0, to: 1, count: 101), areaRanges: sizes,
            maximumDetections: maximumDetections)
    }

    /// LVIS's rules: COCO's thresholds, the best 300 detections of an image whatever their class, and federated.
    ///
    /// Source: lvis-dataset/lvis-api `lvis/eval.py` and `lvis/results.py`.
    package static func lvis(maximumDetections: Int = 300) -> DetectionRules {
        var rules = coco(maximumDetections: [maximumDetections])
        rules.isFederated = true
        return rules
    }

    private static let sizes = [
        AreaRange(name: "all", low: 0, high: 1e10), AreaRange(name: "small", low: 0, high: 1024),
        AreaRange(name: "medium", low: 1024, high: 9216), AreaRange(name: "large", low: 9216, high: 1e10),
    ]

    /// The values that `numpy.linspace` gives, to the last bit: a precision is read at 0.3 and not just beside it.
    private static func evenly(from start: Double, to end: Double, count: Int) -> [Double] {
        let step = (end - start) / Double(count - 1)
        return (0..<count).map { $0 == count - 1 ? end : Double($0) * step + start }
    }

    /// The index of an overlap threshold, or nil without it.
    package func threshold(_ overlap: Double) -> Int? {
        overlapThresholds.firstIndex { abs($0 - overlap) < 1e-9 }
    }

    /// The index of an area range, or nil without it.
    package func area(_ name: String) -> Int? { areaRanges.firstIndex { $0.name == name } }
}
