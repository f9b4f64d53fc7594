import Annotations
import JSONText
import Metrics
import Runtime
import TestSupport
import Testing

/// Average precision and recall are those of the reference projects.
@Suite struct DetectionReferenceTests {
    @Test func committedProblem() throws {
        try DetectionProblem(directory: Repository.fixture("Metrics/detection")).check()
    }

    @Test(.enabled(if: PeerPython.path != nil, "SAMDATA_PEER_PYTHON is not set"), arguments: 1...12)
    func randomProblems(seed: Int) throws {
        let directory = try TemporaryDirectory()
        let run = try PeerPython.run(
            [Repository.fixture("Metrics/make_detection.py"), directory.path, "\(100 + 37 * seed)"])
        try #require(run.status == 0, "\(run.output)")
        try DetectionProblem(directory: directory.path).check()
    }

    @Test(
        .enabled(if: Repository.sharedData("golden/cocoeval_stats.json") != nil, "no ../shared/data"),
        arguments: [("segm100", OverlapKind.segm), ("bbox100", OverlapKind.bbox)])
    func hundredImagesOfCOCO(name: String, overlap: OverlapKind) throws {
        let path = try #require(Repository.sharedData("golden/cocoeval_stats.json"))
        let document = try JSONDocument.parse(String(decoding: try FileSystem.read(path), as: UTF8.self))
        let expected = try #require(document[name])
        let folder = try #require(Repository.sharedData("coco-eval-fixtures/dataset/cocoapi"))
        let truth = try #require(expected["gt"]?.string)
        let results = try #require(expected["dt"]?.string)
        let evaluation = try DetectionProblem.evaluate(
            "\(folder)/\(truth)", "\(folder)/\(results)", DetectionProblem.options(overlap)
        ).evaluation
        let stats = expected["stats"]?.array?.compactMap(\.double) ?? []
        try #require(stats.count == 12)
        for (figure, value) in zip(evaluation.figures, stats) {
            #expect(abs((figure.value ?? -1) - value) < 1e-12, "\(name): \(figure)")
        }
    }

    /// Labels that no result comes near are not drawn; where masks of pairs are compared all are. Numbers are the same, also
    /// for thresholds that hardly anything misses.
    @Test(arguments: [[0.5, 0.75], [0.05], [0.0], [1.0]])
    func labelsThatAreNotDrawnChangeNothing(thresholds: [Double]) throws {
        let directory = Repository.fixture("Metrics/detection")
        for results in ["segm", "mask", "bbox"] {
            var options = DetectionProblem.options(.segm)
            options.rules.overlapThresholds = thresholds
            options.bootstrap = ClusterBootstrap(resamples: 2)
            let (quick, noted) = try DetectionProblem.evaluate(
                directory + "/truth.json", "\(directory)/\(results).json", options)
            options.pairs = PairScores.Options()
            let (drawn, findings) = try DetectionProblem.evaluate(
                directory + "/truth.json", "\(directory)/\(results).json", options)
            #expect(quick.figures == drawn.figures && noted == findings)
            #expect(quick.classes.map(\.averages) == drawn.classes.map(\.averages))
        }
    }

    @Test func sameAtAnyNumberOfThreads() throws {
        let directory = Repository.fixture("Metrics/detection")
        var options = DetectionProblem.options(.boundary)
        options.pairs = PairScores.Options()
        options.bootstrap = ClusterBootstrap(resamples: 50)
        let found = try atEveryWorkerCount {
            let evaluation = try DetectionProblem.evaluate(
                directory + "/truth.json", directory + "/segm.json", options
            ).evaluation
            return "\(evaluation)"
        }
        #expect(Set(found).count == 1)
    }
}
