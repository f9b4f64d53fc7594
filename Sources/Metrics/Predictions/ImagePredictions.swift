internal import Annotations
private import Runtime

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

    /// Has the shapes brought from memory while other work goes on: in a file they stand in no order.
    func cacheShapes() {
        guard case .file(let file) = shapes else { return }
        for row in rows { file.cache(row.segmentation) }
    }
}
