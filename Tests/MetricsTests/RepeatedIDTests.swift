import Annotations
import JSONText
import Masks
import Metrics
import Runtime
import TestSupport
import Testing

/// A truth in which ids of objects stand more than once.
@Suite struct RepeatedIDTests {
    /// The fixture's truth with the ids that `make_repeated.py` gives.
    private func truth(_ changes: [JSONValue]) throws -> String {
        let text = String(
            decoding: try FileSystem.read(Repository.fixture("Metrics/detection/truth.json")), as: UTF8.self)
        var ids: [Int: Int] = [:]
        for change in changes { ids[change[0]?.int ?? -1] = change[1]?.int }
        guard case .object(var members) = try JSONDocument.parse(text) else { return "" }
        for index in members.indices where members[index].name == "annotations" {
            let annotations = (members[index].value.array ?? []).enumerated().map { place, annotation -> JSONValue in
                guard let id = ids[place], case .object(let parts) = annotation else { return annotation }
                return .object(parts.map { $0.name == "id" ? JSONMember("id", .integer(Int64(id))) : $0 })
            }
            members[index] = JSONMember("annotations", .array(annotations))
        }
        return JSONValue.object(members).text()
    }

    @Test(arguments: [("segm", OverlapKind.segm), ("bbox", .bbox)])
    func figuresAreThoseOfPycocotools(name: String, overlap: OverlapKind) throws {
        let directory = try TemporaryDirectory()
        let expected = try JSONDocument.parse(
            String(decoding: try FileSystem.read(Repository.fixture("Metrics/repeated.json")), as: UTF8.self))
        let changes = expected["ids"]?.array ?? []
        try directory.write(try truth(changes), "truth.json")
        let (evaluation, findings) = try DetectionProblem.evaluate(
            directory.file("truth.json"), Repository.fixture("Metrics/detection/segm.json"),
            DetectionProblem.options(overlap))
        let stats = expected["stats"]?[name]?.array?.compactMap(\.double) ?? []
        try #require(stats.count == 12)
        for (figure, value) in zip(evaluation.figures, stats) {
            #expect(abs((figure.value ?? -1) - value) < 1e-9, "\(name): \(figure)")
        }
        let repeated = findings.filter { $0.finding.rule == PredictionRule.duplicateAnnotation }
        #expect(repeated.count == 10 && repeated.allSatisfy { $0.dropped == .annotations })
    }

    /// Ids of predictions are of no concern: pycocotools gives them numbers of its own.
    @Test func idsOfPredictionsAreNotLookedUp() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            #"{"images":[{"id":1,"width":9,"height":9,"file_name":"a"}],"categories":[{"id":1,"name":"c"}],"annotations":[{"id":"x","image_id":1,"category_id":1,"bbox":[0,0,2,2]},{"id":"x","image_id":1,"category_id":1,"bbox":[4,4,2,2]}]}"#,
            "labels.json")
        for looksUpIDs in [true, false] {
            var findings: [LabelFinding] = []
            let file = try GroundTruthFile(path: directory.file("labels.json"), looksUpIDs: looksUpIDs) {
                findings.append($0)
            }
            let boxes = try file.annotations(ofImage: 0, height: 9, width: 9) { _ in }.map { $0.bbox?.x }
            #expect(boxes == (looksUpIDs ? [4, 4] : [0, 4]))
            #expect(findings.map(\.finding.rule) == (looksUpIDs ? [PredictionRule.duplicateAnnotation] : []))
        }
    }
}
