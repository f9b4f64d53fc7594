internal import Annotations

/// The results of one image.
struct ImagePredictions: Sendable {
    /// In the order of the file or the labels.
    var rows: ArraySlice<PredictionRow>
    var shapes: PredictionShapes
    /// Whether a result's area is that of its box, as pycocotools has it when a file's first result has a box.
    var takesAreaOfBox: Bool
    /// Results that were there, with those that cannot be used.
    var readCount: Int
    /// What was wrong with them, and what was left out for it.
    var findings: [LabelFinding] = []
}
