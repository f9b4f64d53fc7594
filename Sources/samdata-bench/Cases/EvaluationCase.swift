import JSONText
import Metrics
import Runtime

/// Average precision and recall of 32,667 detections in 5,000 images: from two files to the twelve numbers.
///
/// Peers do the same: they read both files, compare, accumulate and summarise.
struct EvaluationCase: BenchCase {
    static let group = "evaluate"
    static let all = [
        EvaluationCase(title: "coco-bbox", overlap: .bbox, style: .outlines),
        EvaluationCase(title: "coco-segm", overlap: .segm, style: .outlines),
        EvaluationCase(title: "coco-segm-scribbles", overlap: .segm, style: .scribbles),
    ]

    let title: String
    /// What is compared.
    let overlap: OverlapKind
    /// How objects are drawn.
    let style: DetectionInputs.Style

    var detail: String {
        "average precision of \(overlap == .bbox ? "boxes" : "masks"), val2017-shaped (\(style.rawValue)), both files read"
    }
    var peers: [Peer] { [.hotcoco, .pycocotools] }
    var peerRequest: JSONValue {
        let folder = DetectionInputs.folder(style)
        return .request("evaluate").with("truth", .string(folder + "/truth.json"))
            .with("results", .string(folder + (overlap == .bbox ? "/boxes.json" : "/masks.json")))
            .with("kind", .string(overlap.rawValue))
    }

    func prepare() throws -> () throws -> Void {
        let inputs = try DetectionInputs.prepared(style)
        let results = overlap == .bbox ? inputs.boxes : inputs.masks
        var options = PredictionOptions()
        options.overlap = overlap
        return {
            let (truth, predictions) = try EvaluationInputs.read(
                truth: { try GroundTruthFile(path: inputs.truth) { _ in } },
                predictions: { try PredictionScan(path: results) { _ in } })
            let evaluator = PredictionEvaluator(truth: truth, predictions: predictions, options: options) { _ in }
            let evaluation = try evaluator.run { _ in }
            guard evaluation.figures.count == 12, evaluation.predictionCount == DetectionInputs.detectionCount else {
                throw BenchError(.answer, "\(evaluation.predictionCount) results were compared")
            }
        }
    }
}
