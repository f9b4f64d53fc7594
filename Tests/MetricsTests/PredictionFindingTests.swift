import Annotations
import Metrics
import Runtime
import TestSupport
import Testing

/// What is wrong with predictions and truth, and the cases where there is nothing to find.
@Suite struct PredictionFindingTests {
    private static let square = #"[[2,2,8,2,8,8,2,8]]"#

    private func evaluate(
        images: String = #"{"id":1,"width":10,"height":10,"file_name":"a"}"#, truth: [String], results: [String],
        categories: String = #"{"id":1,"name":"x"},{"id":2,"name":"y"}"#,
        options: PredictionOptions = DetectionProblem.options(.segm)
    ) throws -> (evaluation: PredictionEvaluation, findings: [LabelFinding]) {
        let directory = try TemporaryDirectory()
        func write(_ text: String, _ name: String) throws {
            let writer = try AtomicFileWriter(path: directory.file(name))
            try writer.write(Array(text.utf8))
            try writer.commit()
        }
        try write(
            #"{"images":[\#(images)],"annotations":[\#(truth.joined(separator: ","))],"categories":[\#(categories)]}"#,
            "truth.json")
        try write("[\(results.joined(separator: ","))]", "results.json")
        return try DetectionProblem.evaluate(directory.file("truth.json"), directory.file("results.json"), options)
    }

    private func truth(_ id: Int = 1, image: Int = 1, category: Int = 1, crowd: Int = 0, _ more: String = "") -> String
    {
        #"{"id":\#(id),"image_id":\#(image),"category_id":\#(category),"iscrowd":\#(crowd),"area":36,"bbox":[2,2,6,6],"segmentation":\#(Self.square)\#(more)}"#
    }

    private func result(
        image: Int = 1, category: Int = 1, score: Double = 0.5, _ shape: String = #""segmentation":\#(square)"#
    ) -> String {
        #"{"image_id":\#(image),"category_id":\#(category),"score":\#(score),\#(shape)}"#
    }

    /// To twelve digits: as in the reference, a perfect precision falls short of 1 by a rounding error.
    private func value(_ name: String, _ evaluation: PredictionEvaluation) -> Double? {
        evaluation.figures.first { $0.name == name }?.value.map { ($0 * 1e12).rounded() / 1e12 }
    }

    @Test func nothingToFind() throws {
        for (truth, results) in [([], []), ([], [result()]), ([truth(crowd: 1)], [result()])] {
            let (evaluation, findings) = try evaluate(truth: truth, results: results)
            #expect(evaluation.figures.count == 12 && evaluation.figures.allSatisfy { $0.value == nil })
            #expect(findings.isEmpty)
        }
        let (nothing, _) = try evaluate(images: "", truth: [], results: [], categories: "")
        #expect(nothing.figures.allSatisfy { $0.value == nil } && nothing.classes.isEmpty)
        let (missed, _) = try evaluate(truth: [truth()], results: [])
        #expect(value("AP", missed) == 0 && value("AR@100", missed) == 0 && value("APl", missed) == nil)
    }

    @Test func perfectAndEmptyPredictions() throws {
        let (perfect, findings) = try evaluate(truth: [truth()], results: [result()])
        #expect(value("AP", perfect) == 1 && value("APs", perfect) == 1 && findings.isEmpty)
        // Only id 0 of all ids means "not found" to pycocotools; here it does not, and is said.
        let (zero, noted) = try evaluate(truth: [truth(0)], results: [result()])
        #expect(value("AP", zero) == 1 && noted.map(\.finding.rule) == [PredictionRule.idZero])
        let empty = #""segmentation":{"size":[10,10],"counts":[100]}"#
        let (nothing, _) = try evaluate(truth: [truth()], results: [result(empty), result(#""bbox":[3,3,0,0]"#)])
        #expect(value("AP", nothing) == 0)
        let (hollow, _) = try evaluate(truth: [truth(1).replacing(Self.square, with: "[]")], results: [result()])
        #expect(value("AP", hollow) == 0)
    }

    /// Each of these is dropped with a finding, and the good result beside it still counts.
    @Test(
        arguments: [
            (#"{"image_id":9,"category_id":1,"score":1,"bbox":[0,0,1,1]}"#, PredictionRule.unknownImage),
            (#"{"image_id":1,"category_id":8,"score":1,"bbox":[0,0,1,1]}"#, PredictionRule.unknownCategory),
            (#"{"image_id":1,"score":1,"bbox":[0,0,1,1]}"#, PredictionRule.unknownCategory),
            (
                #"{"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[9,10],"counts":[90]}}"#, "rle.size"
            ),
            (
                #"{"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[10,10],"counts":[90]}}"#, "rle.sum"
            ),
            (
                #"{"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[10,10],"counts":"\u0001"}}"#,
                "rle.characters"
            ),
            (
                #"{"image_id":1,"category_id":1,"score":1,"segmentation":[[0,0,NaN,1,2,2]]}"#, "json.non-finite"
            ),
            (#"{"image_id":1,"category_id":1,"score":1,"segmentation":[[0,0,1,1]]}"#, "polygon.four-numbers"),
            (#"{"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[10,10]}}"#, "schema.missing-key"),
            (#"{"image_id":1,"category_id":1,"score":NaN,"bbox":[0,0,1,1]}"#, "results.score"),
        ])
    func unusableResultsAreDropped(bad: String, rule: String) throws {
        let (evaluation, findings) = try evaluate(truth: [truth()], results: [bad, result(score: 0.1)])
        #expect(value("AP", evaluation) == 1)
        let drops = findings.filter { $0.dropped == .annotations }
        #expect(drops.contains { $0.finding.rule == rule && $0.finding.location.annotationID == "1" }, "\(findings)")
    }

    @Test func duplicatesBoxesAndMissingAreasAreSaid() throws {
        let (_, twice) = try evaluate(truth: [truth()], results: [result(), result()])
        #expect(twice.map(\.finding.rule) == [PredictionRule.duplicate] && twice[0].dropped == nil)
        let (boxes, only) = try evaluate(truth: [truth()], results: [result(#""bbox":[2,2,6,6]"#)])
        #expect(only.map(\.finding.rule) == [PredictionRule.boxOnly] && value("AP", boxes) == 1)
        // An empty list goes with boxes alone, and is no mask.
        let (empty, said) = try evaluate(
            truth: [truth()], results: [result(#""bbox":[2,2,6,6],"segmentation":[ ]"#)])
        #expect(said.map(\.finding.rule) == [PredictionRule.boxOnly] && value("AP", empty) == 1)
        let (hollow, noted) = try evaluate(
            truth: [truth()], results: [result(#""bbox":[2,2,6,6],"segmentation":[[1,1,2]]"#)])
        #expect(noted.map(\.finding.rule).contains(PredictionRule.maskEmpty) && value("AP", hollow) == 0)
        let bare = #"{"id":1,"image_id":1,"category_id":1,"segmentation":\#(Self.square)}"#
        for kind in OverlapKind.allCases {
            let (evaluation, findings) = try evaluate(
                truth: [bare], results: [result()], options: DetectionProblem.options(kind))
            #expect(findings.map(\.finding.rule) == [PredictionRule.areaMissing] && value("APs", evaluation) == 1)
        }
    }

    /// What the references take without a word is taken, with one.
    @Test func oddShapesAreSaid() throws {
        for hollow in ["[]", "[[1,1,2]]"] {
            let (evaluation, findings) = try evaluate(
                truth: [truth(1).replacing(Self.square, with: hollow)], results: [result()])
            #expect(value("AP", evaluation) == 0)
            let said = findings.filter { $0.finding.rule == PredictionRule.maskEmpty }
            #expect(said.count == 1 && said[0].dropped == nil && said[0].finding.location.annotationID == "1")
        }
        for box in ["[2,2,-6,6]", "[2,2,6,0]"] {
            let (_, findings) = try evaluate(
                truth: [truth()], results: [result(#""bbox":\#(box)"#)], options: DetectionProblem.options(.bbox))
            #expect(findings.map(\.finding.rule) == [PredictionRule.boxDegenerate])
        }
    }

    /// `"1"` is not 1, and the message says which is which.
    @Test func idsOfAnotherTypeAreExplained() throws {
        let text = result().replacing(#""image_id":1"#, with: #""image_id":"1""#)
        let (_, findings) = try evaluate(truth: [truth()], results: [text])
        #expect(findings.map(\.finding.rule) == [PredictionRule.unknownImage])
        #expect(findings[0].finding.message.contains("as text; its image 1 is a number"))
        let (_, others) = try evaluate(
            images: #"{"id":"7","width":10,"height":10,"file_name":"a"}"#, truth: [], results: [result(image: 7)])
        #expect(others.first?.finding.message.contains("as a number; its image \"7\" is text") == true)
    }

    @Test func brokenTruthIsDropped() throws {
        let (_, findings) = try evaluate(
            images:
                #"{"id":1,"width":10,"height":10,"file_name":"a"},{"id":1,"file_name":"b"},{"id":2,"file_name":"c"}"#,
            truth: [
                truth(), truth(2, image: 5), truth(3, category: 7), truth(4, image: 2),
                truth(5).replacing(#","segmentation":\#(Self.square)"#, with: ""),
                truth(6).replacing(Self.square, with: #"{"size":[3,3],"counts":[9]}"#),
            ], results: [], categories: #"{"id":1,"name":"x"},{"id":1,"name":"z"}"#)
        let drops = Set(findings.filter { $0.dropped != nil }.map { $0.finding.rule })
        #expect(
            drops == [
                PredictionRule.duplicateImage, PredictionRule.danglingImage, PredictionRule.danglingCategory,
                PredictionRule.imageSizeMissing, PredictionRule.maskMissing, "rle.size",
                PredictionRule.duplicateCategory,
            ], "\(findings)")
    }

    @Test func classesCanBeChosen() throws {
        var options = DetectionProblem.options(.segm)
        options.classes = [2]
        let (evaluation, findings) = try evaluate(
            truth: [truth(), truth(2, category: 2)], results: [result(category: 2), result()], options: options)
        #expect(evaluation.classes.map { $0.category?.id } == [2] && evaluation.predictionCount == 1)
        #expect(value("AP", evaluation) == 1 && findings.isEmpty)
    }

    /// A detection in a crowd is neither right nor wrong, however many there are.
    @Test func crowdsAreNotUsedUp() throws {
        let results = [result(score: 0.9), result(score: 0.8), result(score: 0.7)]
        let other = truth(2).replacing(Self.square, with: "[[0,0,1,0,1,9,0,9]]")
        let (evaluation, _) = try evaluate(truth: [truth(crowd: 1), other], results: results)
        #expect(value("AP", evaluation) == 0 && evaluation.classes[0].averages.truthCounts[0] == 1)
        let found = result(score: 0.1, #""segmentation":[[0,0,1,0,1,9,0,9]]"#)
        let (both, _) = try evaluate(truth: [truth(crowd: 1), other], results: results + [found])
        #expect(value("AP", both) == 1)
    }

    /// A data set of predictions, such as `samdata segment` writes, numbers its images by itself.
    @Test func imagesOfADataSetAreToldByName() throws {
        let directory = try TemporaryDirectory()
        func write(_ text: String, _ name: String) throws {
            let writer = try AtomicFileWriter(path: directory.file(name))
            try writer.write(Array(text.utf8))
            try writer.commit()
        }
        let categories = #""categories":[{"id":1,"name":"x"}]"#
        try write(
            #"{"images":[{"id":1,"width":10,"height":10,"file_name":"p/a.png"},{"id":2,"width":10,"height":10,"file_name":"b.png"}],"#
                + #""annotations":[\#(truth()),\#(truth(2, image: 2))],\#(categories)}"#, "truth.json")
        for (images, results) in [(true, "ab"), (false, "ba")] {
            let list =
                #""images":[{"id":2,"file_name":"a.png"},{"id":1,"file_name":"deep/b.png"},{"id":7,"file_name":"c.png"}]"#
            let other = #""segmentation":[[0,0,1,0,1,9,0,9]]"#
            let annotations = #""annotations":[\#(result(image: 2)),\#(result(image: 1, other)),\#(result(image: 7))]"#
            // Whichever list comes first.
            try write("{" + (images ? "\(list),\(annotations)" : "\(annotations),\(list)") + "}", "\(results).json")
            let (evaluation, findings) = try DetectionProblem.evaluate(
                directory.file("truth.json"), directory.file("\(results).json"), DetectionProblem.options(.segm))
            #expect(evaluation.classes[0].averages.recall[0] == 0.5)
            #expect(findings.map(\.finding.rule) == [PredictionRule.unknownImage])
            #expect(findings.first?.finding.message.contains("c.png") == true)
        }
    }

    /// Pixels of masks that no memory holds are not asked for; on run lengths they are compared.
    @Test func hugeMasksBecomeNoPixels() throws {
        let image = #"{"id":1,"width":60000,"height":60000,"file_name":"a"}"#
        let huge = #""segmentation":{"size":[60000,60000],"counts":[0,3600000000]}"#
        let truth = #"{"id":1,"image_id":1,"category_id":1,"area":3.6e9,"bbox":[0,0,60000,60000],\#(huge)}"#
        let (found, findings) = try evaluate(images: image, truth: [truth], results: [result(huge)])
        #expect(value("AP", found) == 1 && findings.isEmpty)
        let (nothing, drops) = try evaluate(
            images: image, truth: [truth], results: [result(huge)], options: DetectionProblem.options(.boundary))
        #expect(value("AP", nothing) == nil && nothing.predictionCount == 0)
        #expect(drops.map(\.finding.rule) == [PredictionRule.maskTooLarge, PredictionRule.maskTooLarge])
        #expect(drops.allSatisfy { $0.dropped == .annotations })
    }

    /// A report about pairs leaves out what it cannot look at, and changes no other number.
    @Test func hugeMasksStillCountBesidePairs() throws {
        let image = #"{"id":1,"width":60000,"height":60000,"file_name":"a"}"#
        let huge = #""segmentation":{"size":[60000,60000],"counts":[0,3600000000]}"#
        let small = #""segmentation":[[2,2,8,2,8,8,2,8]]"#
        func truth(_ id: Int, _ shape: String, _ side: Int) -> String {
            #"{"id":\#(id),"image_id":1,"category_id":1,"area":\#(side * side),"bbox":[2,2,\#(side),\#(side)],\#(shape)}"#
        }
        var options = DetectionProblem.options(.segm)
        let truths = [truth(1, huge, 60000), truth(2, small, 6)]
        let results = [result(score: 0.9, huge), result(score: 0.8, small), result(score: 0.7, huge)]
        let (plain, _) = try evaluate(images: image, truth: truths, results: results, options: options)
        options.pairs = PairScores.Options()
        let (paired, findings) = try evaluate(images: image, truth: truths, results: results, options: options)
        #expect(value("AP", plain) == 1 && paired.figures.map(\.value) == plain.figures.map(\.value))
        #expect(paired.predictionCount == 3)
        let said = findings.filter { $0.finding.rule == PredictionRule.maskTooLarge }
        #expect(said.count == 1 && said[0].dropped == nil && said[0].finding.location.annotationID == "1")
        let pairs = try #require(paired.pairs)
        #expect(pairs.all.objects == 1 && pairs.all.found == 1)
    }

    /// What was dropped for its mask is not counted as used.
    @Test func resultsWithoutAShapeAreNotUsed() throws {
        let bad = #""segmentation":{"size":[3,3],"counts":[9]}"#
        let (some, _) = try evaluate(truth: [truth()], results: [result(bad), result(), result(bad)])
        #expect(some.predictionCount == 1)
        let (none, findings) = try evaluate(truth: [truth()], results: [result(bad), result(category: 2, bad)])
        #expect(none.predictionCount == 0 && findings.count == 2)
    }
}
