import Annotations
import Images
import JSONText
import Metrics
import Runtime
import TestSupport
import Testing

@Suite struct PanopticTests {
    private func evaluate(
        _ directory: String, truth: String = "truth", predicted: String = "predicted"
    ) throws -> (evaluation: PanopticEvaluation, findings: [LabelFinding]) {
        var findings: [LabelFinding] = []
        let evaluator = PanopticEvaluator(
            truth: try PanopticFile(path: "\(directory)/\(truth).json") { findings.append($0) },
            truthFolder: "\(directory)/\(truth)",
            predictions: try PanopticFile(path: "\(directory)/\(predicted).json") { findings.append($0) },
            predictionFolder: "\(directory)/\(predicted)")
        return (try evaluator.run { findings.append($0) }, findings)
    }

    private func check(_ directory: String) throws {
        let expected = try JSONDocument.parse(
            String(decoding: try FileSystem.read(directory + "/expected.json"), as: UTF8.self))
        let (found, findings) = try evaluate(directory)
        #expect(findings.isEmpty, "\(findings)")
        for part in PanopticEvaluation.Part.allCases {
            let values = expected[part.rawValue]?.array?.compactMap(\.double) ?? []
            let quality = found.quality(of: part)
            #expect((quality == nil) == values.isEmpty)
            guard let quality, values.count == 4 else { continue }
            let own = [
                quality.panoptic, quality.segmentation, quality.recognition, Double(found.qualities(of: part).count),
            ]
            for (a, b) in zip(own, values) { #expect(abs(a - b) < 1e-12, "\(directory) \(part)") }
        }
        for one in found.classes {
            let values = expected["classes"]?["\(one.category.id)"]?.array?.compactMap(\.double) ?? []
            try #require(values.count == 4)
            #expect(abs(one.counts.overlapSum - values[0]) < 1e-12)
            #expect([one.counts.found, one.counts.madeUp, one.counts.missed] == values.dropFirst().map { Int($0) })
        }
    }

    @Test func committedProblem() throws { try check(Repository.fixture("Metrics/panoptic")) }

    @Test(.enabled(if: PeerPython.path != nil, "SAMDATA_PEER_PYTHON is not set"), arguments: 20...25)
    func randomProblems(seed: Int) throws {
        let directory = try TemporaryDirectory()
        let run = try PeerPython.run([Repository.fixture("Metrics/make_panoptic.py"), directory.path, "\(seed)"])
        try #require(run.status == 0, "\(run.output)")
        try check(directory.path)
    }

    @Test(.enabled(if: Repository.sharedData("panoptic-sample") != nil, "no ../shared/data"))
    func truthAgainstItselfIsPerfect() throws {
        let folder = try #require(Repository.sharedData("panoptic-sample"))
        let (found, findings) = try evaluate(folder, truth: "panoptic_examples", predicted: "panoptic_examples")
        #expect(findings.isEmpty && found.imageCount == 2)
        for part in PanopticEvaluation.Part.allCases {
            #expect(found.quality(of: part) == PanopticQuality(panoptic: 1, segmentation: 1, recognition: 1))
        }
    }

    @Test func sameAtAnyNumberOfThreads() throws {
        let found = try atEveryWorkerCount { "\(try evaluate(Repository.fixture("Metrics/panoptic")).evaluation)" }
        #expect(Set(found).count == 1)
    }

    @Test func countsOnPaper() {
        // A thing of class 0 found by 6 of 8 pixels, a stuff of class 1 missed, and one of class 1 made up on void.
        let truth: [UInt32] = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0]
        let found: [UInt32] = [5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 6, 6]
        let comparison = PanopticComparison(truth: truth, prediction: found)
        let counts = comparison.counts(
            truth: [PanopticSegment(id: 1, classIndex: 0), PanopticSegment(id: 2, classIndex: 1)],
            predicted: [PanopticSegment(id: 5, classIndex: 0), PanopticSegment(id: 6, classIndex: 1)])
        #expect(counts[0]?.found == 1 && counts[0]?.overlapSum == 0.75)
        #expect(counts[0]?.quality == PanopticQuality(panoptic: 0.75, segmentation: 0.75, recognition: 1))
        // Half of segment 6 lies on void, which is not more than half: it is made up.
        #expect(counts[1]?.missed == 1 && counts[1]?.madeUp == 1)
        #expect(counts[1]?.quality?.panoptic == 0)
        #expect(PanopticCounts().quality == nil && PanopticQuality.mean([]) == nil)
    }

    /// Whatever is missing or wrong is said, and costs no more than it must.
    @Test func badFilesAreFindings() throws {
        let directory = try TemporaryDirectory()
        for folder in ["truth", "predicted"] { try FileSystem.createDirectory(directory.file(folder)) }
        let png = try ImageCodec.encodePNG(
            RGBImage(height: 1, width: 4, pixels: [1, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0]))
        let wide = try ImageCodec.encodePNG(RGBImage(height: 1, width: 5, pixels: [UInt8](repeating: 1, count: 15)))
        func write(_ bytes: [UInt8], _ name: String) throws {
            let file = try AtomicFileWriter(path: directory.file(name))
            try file.write(bytes)
            try file.commit()
        }
        for name in ["a", "b", "c", "d"] { try write(png, "truth/\(name).png") }
        try write(png, "predicted/a.png")
        try write(wide, "predicted/b.png")
        try write(Array("no image".utf8), "predicted/c.png")
        let segments = #"[{"id":1,"category_id":1,"area":2,"iscrowd":0},{"id":2,"category_id":9,"area":1}]"#
        let entries = ["a", "b", "c", "d", "gone"].enumerated().map { index, name in
            #"{"image_id":\#(index),"file_name":"\#(name).png","segments_info":\#(segments)}"#
        }
        try write(
            Array(
                #"{"annotations":[\#(entries.joined(separator: ",")),7,{"image_id":9}],"categories":[{"id":1,"name":"x","isthing":1},{"id":1}]}"#
                    .utf8), "truth.json")
        let predicted = [
            #"{"image_id":0,"file_name":"a.png","segments_info":[{"id":1,"category_id":1},{"id":7,"category_id":1},{"id":1,"category_id":1},{"id":0}]}"#,
            #"{"image_id":1,"file_name":"b.png","segments_info":[]}"#,
            #"{"image_id":2,"file_name":"c.png","segments_info":[]}"#,
            #"{"image_id":3,"file_name":"../d.png","segments_info":[]}"#,
        ]
        try write(Array(#"{"annotations":[\#(predicted.joined(separator: ","))]}"#.utf8), "predicted.json")
        let (found, findings) = try evaluate(directory.path)
        #expect(found.imageCount == 4)
        #expect(found.classes.count == 1)
        #expect(found.classes[0].counts.found == 1 && found.classes[0].counts.missed == 3)
        let rules = Dictionary(grouping: findings, by: \.finding.rule).mapValues(\.count)
        #expect(
            rules == [
                PredictionRule.panopticEntry: 5, PredictionRule.predictionMissing: 3, PredictionRule.truthUnreadable: 1,
                PredictionRule.danglingCategory: 4, PredictionRule.segmentMismatch: 2,
            ], "\(findings.map(\.finding.description).joined(separator: "\n"))")
    }

    /// Which entry is of which image is said; ids that differ in type alone are hinted at.
    @Test func entriesThatDoNotPairAreFindings() throws {
        let directory = try TemporaryDirectory()
        for folder in ["truth", "predicted"] { try FileSystem.createDirectory(directory.file(folder)) }
        let png = try ImageCodec.encodePNG(RGBImage(height: 1, width: 1, pixels: [1, 0, 0]))
        for folder in ["truth", "predicted"] { try directory.write(png, folder + "/a.png") }
        func entry(_ id: String, _ category: String = "1") -> String {
            #"{"image_id":\#(id),"file_name":"a.png","segments_info":[{"id":1,"category_id":\#(category),"area":1,"iscrowd":0}]}"#
        }
        func write(_ entries: [String], _ name: String) throws {
            let list = entries.joined(separator: ",")
            try directory.write(#"{"annotations":[\#(list)],"categories":[{"id":1,"name":"x"}]}"#, name)
        }
        try write([entry("1"), entry("1"), entry("2")], "truth.json")
        let repeated = [String](repeating: entry("1"), count: 6)
        try write(repeated + [entry("1", "\"1\""), entry("\"2\"")], "predicted.json")
        let (found, findings) = try evaluate(directory.path)
        let rules = Dictionary(grouping: findings, by: \.finding.rule).mapValues(\.count)
        #expect(
            rules == [
                PredictionRule.duplicateEntry: 7, PredictionRule.unknownImage: 1, PredictionRule.predictionMissing: 1,
                PredictionRule.unknownCategory: 2,
            ], "\(findings.map(\.finding.description).joined(separator: "\n"))")
        #expect(findings.count { $0.dropped == .images } == 7 && found.imageCount == 3)
        let messages = findings.map(\.finding.message)
        #expect(messages.count { $0.contains("as a number; its image \"2\" is text") } == 1)
        #expect(messages.count { $0.contains("as text; its image 2 is a number") } == 1)
        #expect(messages.count { $0.contains("1 as text; its category 1 is a number") } == 2)
        #expect(findings.last { $0.dropped == .annotations }?.finding.location.annotationID == "1/1")
    }

    /// Every prefix and many mutations of a panoptic file: an error or findings, never a crash.
    @Test func malformedTextNeverCrashes() throws {
        let directory = try TemporaryDirectory()
        let text = try FileSystem.read(Repository.fixture("Metrics/panoptic/predicted.json"))
        var random = CounterRandom(seed: 8, sample: 0, purpose: RandomPurpose("mutation"))
        for round in 0..<150 {
            var bytes = text
            if round < 50 {
                bytes.removeSubrange(random.index(below: bytes.count)...)
            } else {
                for _ in 0..<3 { bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256)) }
            }
            let writer = try AtomicFileWriter(path: directory.file("mutated.json"))
            try writer.write(bytes)
            try writer.commit()
            do {
                let file = try PanopticFile(path: directory.file("mutated.json")) { _ in }
                for entry in file.entries { _ = file.segments(of: entry) { _ in } }
            } catch let error as AnnotationError {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
