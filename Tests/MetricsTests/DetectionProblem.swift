import Annotations
import JSONText
import Metrics
import Runtime
import Testing

/// A folder that `make_detection.py` wrote: a truth, results in three forms, and what the reference projects make of them.
struct DetectionProblem {
    let directory: String

    /// The cases of expected.json, with the options that they stand for.
    static let cases: [(name: String, results: String, options: PredictionOptions)] = [
        ("bbox bbox", "bbox", options(.bbox)), ("segm bbox", "segm", options(.bbox)),
        ("segm segm", "segm", options(.segm)), ("mask segm", "mask", options(.segm)),
        ("mask bbox", "mask", options(.bbox)), ("bbox segm", "bbox", options(.segm)),
        ("segm segm 1,2,5", "segm", options(.segm, .coco(maximumDetections: [1, 2, 5]))),
        ("segm segm agnostic", "segm", options(.segm, agnostic)), ("segm boundary", "segm", options(.boundary)),
        ("lvis segm", "segm", options(.segm, .lvis())), ("lvis bbox", "bbox", options(.bbox, .lvis())),
    ]

    private static var agnostic: DetectionRules {
        var rules = DetectionRules.coco()
        rules.isClassAgnostic = true
        return rules
    }

    static func options(_ overlap: OverlapKind, _ rules: DetectionRules = .coco()) -> PredictionOptions {
        var options = PredictionOptions()
        options.overlap = overlap
        options.rules = rules
        return options
    }

    /// Compares files; also what was found wrong.
    static func evaluate(
        _ truth: String, _ results: String, _ options: PredictionOptions
    ) throws -> (evaluation: PredictionEvaluation, findings: [LabelFinding]) {
        var findings: [LabelFinding] = []
        let labels = try GroundTruthFile(path: truth) { findings.append($0) }
        let scan = try PredictionScan(path: results) { findings.append($0) }
        let evaluator = PredictionEvaluator(truth: labels, predictions: scan, options: options) { findings.append($0) }
        let evaluation = try evaluator.run { findings.append($0) }
        return (evaluation, findings)
    }

    /// Holds every number of every case against the reference's.
    func check() throws {
        let expected = try JSONDocument.parse(
            String(decoding: try FileSystem.read(directory + "/expected.json"), as: UTF8.self))
        for (name, results, options) in Self.cases {
            guard let numbers = expected[name] else {
                #expect(name == "segm boundary", "expected.json has no \(name)")
                continue
            }
            let found = try Self.evaluate(directory + "/truth.json", "\(directory)/\(results).json", options)
            let stats = numbers["stats"]?.array?.compactMap(\.double) ?? []
            #expect(stats.count == found.evaluation.figures.count && stats.count >= 12)
            for (figure, value) in zip(found.evaluation.figures, stats) {
                #expect(
                    abs((figure.value ?? -1) - value) < 1e-12,
                    "\(directory) \(name): \(figure.name) is \(figure.value ?? -1), the reference has \(value)")
            }
            guard numbers["ap 2"] != nil else { continue }
            for one in found.evaluation.classes {
                let category = try #require(one.category)
                let value = try #require(numbers["ap \(category.id)"]?.double)
                let own = DetectionFigure.coco([one.averages], rules: options.rules)[0].value ?? -1
                #expect(abs(own - value) < 1e-12, "\(directory) \(name): class \(category.id)")
            }
        }
    }
}
