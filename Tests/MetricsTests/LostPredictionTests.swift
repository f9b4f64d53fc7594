import Annotations
import Metrics
import Runtime
import TestSupport
import Testing

/// What is lost is counted once, and ids that differ in type alone are told of.
@Suite struct LostPredictionTests {
    private static let square = #""segmentation":[[2,2,8,2,8,8,2,8]]"#
    private static let shape = #""iscrowd":0,"area":36,"bbox":[2,2,6,6],\#(square)"#

    private func labels(_ images: [String], _ annotations: [String], id: String = "1") -> String {
        let list = images.enumerated().map {
            #"{"id":\#($0.offset + 1),"width":10,"height":10,"file_name":"\#($0.element)"}"#
        }
        return
            #"{"images":[\#(list.joined(separator: ","))],"categories":[{"id":\#(id),"name":"x"}],"annotations":[\#(annotations.joined(separator: ","))]}"#
    }

    private func drops(_ findings: [LabelFinding]) -> [String] {
        findings.filter { $0.dropped == .annotations }.map { $0.finding.location.annotationID ?? "?" }.sorted()
    }

    @Test func anElementThatIsLostCountsOnce() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            labels(
                ["a"],
                [
                    #"{"id":1,"image_id":1,"category_id":1,\#(Self.shape)}"#, #"{"id":2,"image_id":1,"bbox":[2,2,6]}"#,
                    #"{"id":3,"image_id":[],"area":"a"}"#,
                ]), "truth.json")
        try directory.write(
            #"[{"image_id":1,"category_id":1,"score":1,\#(Self.square)},{"image_id":1,"category_id":[],"score":"b"},{"image_id":true,"category_id":null,"score":"b","bbox":[1,2]}]"#,
            "results.json")
        let (evaluation, findings) = try DetectionProblem.evaluate(
            directory.file("truth.json"), directory.file("results.json"), DetectionProblem.options(.segm))
        #expect(drops(findings) == ["2", "2", "3", "3"], "\(findings.map(\.finding.description))")
        #expect(findings.filter { $0.dropped != nil }.allSatisfy { $0.finding.message.contains("dropped") })
        #expect(evaluation.predictionCount == 1)
    }

    /// Objects of an image that the truth does not have are predictions that were read.
    @Test func objectsOfUnknownImagesAreCounted() throws {
        let directory = try TemporaryDirectory()
        func object(_ id: Int, _ image: Int) -> String {
            #"{"id":\#(id),"image_id":\#(image),"category_id":1,\#(Self.shape)}"#
        }
        try directory.write(labels(["a", "c"], [object(1, 1), object(2, 2)]), "truth.json")
        let lost = #"{"id":9,"image_id":1,"bbox":[2,2,6]}"#
        try directory.write(
            labels(["a", "b"], [object(1, 1), object(2, 2), object(3, 2), lost]), "predicted.json")
        var findings: [LabelFinding] = []
        let truth = try GroundTruthFile(path: directory.file("truth.json")) { findings.append($0) }
        let predicted = try GroundTruthFile(path: directory.file("predicted.json"), looksUpIDs: false) {
            findings.append($0)
        }
        let evaluation = try PredictionEvaluator(
            truth: truth, labels: predicted, options: DetectionProblem.options(.segm)
        ) { findings.append($0) }.run { findings.append($0) }
        #expect(evaluation.readCount == 4 && evaluation.predictionCount == 1)
        let unknown = try #require(findings.first { $0.finding.rule == PredictionRule.unknownImage })
        #expect(unknown.finding.message.contains("2 predictions"), "\(unknown.finding)")
    }

    @Test func idsOfTheOtherTypeAreHinted() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            labels(
                ["a"],
                [
                    #"{"id":1,"image_id":1,"category_id":1,\#(Self.shape)}"#,
                    #"{"id":2,"image_id":"1","category_id":1,\#(Self.shape)}"#,
                    #"{"id":3,"image_id":1,"category_id":"1",\#(Self.shape)}"#,
                ]), "truth.json")
        try directory.write(
            #"[{"image_id":"1","category_id":1,"score":1,\#(Self.square)},{"image_id":1,"category_id":"1","score":1,\#(Self.square)}]"#,
            "results.json")
        let findings = try DetectionProblem.evaluate(
            directory.file("truth.json"), directory.file("results.json"), DetectionProblem.options(.segm)
        ).findings
        let messages = findings.map(\.finding.message)
        #expect(findings.count == 4)
        #expect(messages.count { $0.contains("image 1 as text; its image 1 is a number") } == 2, "\(messages)")
        #expect(messages.count { $0.contains("category 1 as text; its category 1 is a number") } == 2, "\(messages)")
        #expect(COCOIdentifier.integer(7).typeHint("image") { $0 == "7" } == " as a number; its image \"7\" is text")
        #expect(COCOIdentifier.text("x").typeHint("image") { _ in true } == "")
    }
}
