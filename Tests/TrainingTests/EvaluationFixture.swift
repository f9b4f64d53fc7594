import Metrics
import Training

/// Evaluations made of chosen figures.
enum EvaluationFixture {
    static func scores(_ iou: Double) -> ObjectScores {
        ObjectScores(
            intersectionOverUnion: iou, dice: 2 * iou / (1 + iou), boundaryIntersectionOverUnion: iou / 2,
            hausdorff95: iou == 0 ? nil : 10 * (1 - iou))
    }

    /// Two objects an image: a small one of class 1 and a large one of class 2.
    ///
    /// - Parameters:
    ///   - box: IoU with the box, by number of the object.
    ///   - clicks: IoU with one click, two clicks and so on, likewise.
    static func evaluation(
        _ name: String, objects: Int = 12, box: (Int) -> Double, clicks: (Int) -> [Double] = { _ in [0.5] }
    ) -> Evaluation {
        var evaluation = Evaluation(name: name)
        evaluation.imageCount = (objects + 1) / 2
        evaluation.answerSeconds = 1.5
        evaluation.rows = (0..<objects).map { number in
            ObjectRow(
                record: number / 2, imageID: "image \(number / 2)", annotationID: "\(number)",
                categoryID: Int64(1 + number % 2), area: number % 2 == 0 ? 100 : 10_000, box: scores(box(number)),
                clicks: clicks(number).map(scores))
        }
        return evaluation
    }

    static let classes: [(id: Int64, name: String)] = [(1, "cell"), (2, "<b>&\"wall'")]

    static func record(
        _ evaluation: Evaluation, automatic: AutomaticMaskCheck? = nil, latency: LatencyProbe? = nil
    ) -> EvaluationRecord {
        EvaluationRecord(
            step: 3, epoch: 1, evaluation: evaluation, automatic: automatic, latency: latency, seconds: 2.25,
            peakMemoryBytes: 1 << 20)
    }

    static let latency = LatencyProbe(
        encoder: .init(median: 0.02, percentile95: 0.03, imagesPerSecond: 47.5, runs: 5),
        decoder1: .init(median: 0.001, percentile95: 0.002, imagesPerSecond: 901.5, runs: 5),
        decoder8: .init(median: 0.004, percentile95: 0.006, imagesPerSecond: 240.25, runs: 5),
        endToEnd: .init(median: 0.021, percentile95: 0.033, imagesPerSecond: 44.5, runs: 5), threads: 2)
}
