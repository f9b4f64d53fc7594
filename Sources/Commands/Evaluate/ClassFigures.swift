internal import Metrics

/// The numbers of one class.
struct ClassFigures {
    private let figures: [DetectionFigure]

    init(_ averages: ClassAverages, rules: DetectionRules) {
        figures = DetectionFigure.coco([averages], rules: rules)
    }

    /// A figure by its name, such as `AP50`; nil where there is no object.
    subscript(name: String) -> Double? { figures.first { $0.name == name }?.value }

    /// The recall of the largest number of detections.
    var recall: Double? { figures.last { $0.quantity == .recall && $0.area == "all" }?.value }
}
