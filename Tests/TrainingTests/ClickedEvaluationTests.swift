import Images
import Masks
import Metrics
import SAM
import Shards
import TestSupport
import Testing
import Training

/// Answers to several clicks in turn.
@Suite struct ClickedEvaluationTests {
    private func sample() throws -> (image: RGBImage, labels: [RLE]) {
        let sample = try TrainingFixture.samples(1)[0]
        return (try ImageCodec.decodeRGB(sample.encoded), sample.objects.map(\.mask))
    }

    /// One object, one click at a time, as plainly as can be.
    private func slowly(_ label: RLE, _ image: RGBImage, _ model: SAMModel, clicks: Int) throws -> [RLE] {
        var predictor = SAMPredictor(model: model)
        predictor.setImage(image)
        let limits = model.configuration.promptLimits
        var prompt = Prompt(points: [PromptSampler.deepestPoint(in: label)])
        var answer = try predictor.predictBest([prompt])[0]
        var masks = [answer.rle]
        while masks.count < clicks {
            let click = ErrorClick.next(
                prediction: answer.rle, label: label, takesBackground: limits.takesBackgroundPoints)
            if let click, prompt.points.count < limits.maximumPlaces ?? .max {
                prompt.points.append(click)
                if limits.takesMasks { prompt.mask = answer.lowResLogits }
                answer =
                    try predictor.predict(
                        [prompt], multimaskOutput: model.configuration.wantsSeveralMasks(for: prompt))[0]
                    .max { $0.iouPrediction < $1.iouPrediction } ?? answer
            }
            masks.append(answer.rle)
        }
        return masks
    }

    /// Objects that are answered together are answered as if each was alone; last digits may differ, and with them a pixel.
    @Test func togetherAsAlone() throws {
        let (image, labels) = try sample()
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 4)
        let answers = try ModelAnswerer(model, name: "model").answers(about: image, objects: labels, clicks: 4)
        #expect(answers.clicks.count == 4 && answers.points.allSatisfy { $0.count == 4 })
        for (index, label) in labels.enumerated() {
            let expected = try slowly(label, image, model, clicks: 4)
            for (round, mask) in expected.enumerated() {
                let found = answers.clicks[round][index]
                let different = found.area + mask.area - 2 * found.intersectionArea(mask)
                #expect(different <= 2, "object \(index), click \(round + 1): \(different) pixels differ")
            }
        }
        // The point alone is the first click, and a box is not touched by any.
        let point = try ModelAnswerer(model, name: "model").answers(about: image, objects: labels, clicks: 1)
        #expect(point.clicks[0] == answers.clicks[0] && point.boxes == answers.boxes)
    }

    @Test func threadsChangeNothing() throws {
        let (image, labels) = try sample()
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 5)
        let results = try atEveryWorkerCount {
            let answers = try ModelAnswerer(model, name: "model").answers(about: image, objects: labels, clicks: 3)
            return answers.clicks + [answers.boxes]
        }
        for result in results { #expect(result == results[0]) }
    }

    /// EfficientSAM knows no background, no masks, and six places: the clicks keep to that, and it is said.
    @Test func limitsOfAModelAreKept() throws {
        let (image, labels) = try sample()
        let model = try SAMCheckpoint.read(Repository.fixture("SAM/efficient/weights.safetensors"))
        #expect(model.configuration.promptLimits.maximumPlaces == 6)
        let answerer = ModelAnswerer(model, name: "model")
        let answers = try answerer.answers(about: image, objects: labels, clicks: 9)
        #expect(answers.clicks.count == 9)
        for points in answers.points {
            #expect(points.count <= 6 && points.allSatisfy(\.isForeground))
        }
        #expect(answerer.remarks(clicks: 9).count == 3 && answerer.remarks(clicks: 1).isEmpty)
        #expect(
            ModelAnswerer(ScratchWeights.model(TrainingFixture.configuration, seed: 1), name: "").remarks(clicks: 9)
                .isEmpty)
    }

    /// The rows of the evaluator are the comparisons of these answers.
    @Test func rowsHoldEveryClick() throws {
        let directory = try TemporaryDirectory()
        try TrainingFixture.write(try TrainingFixture.samples(2, classes: 2), to: directory.path)
        let set = try ShardSet(path: directory.path)
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 4)
        let answerer = ModelAnswerer(model, name: "model")
        let result = try #require(
            try Evaluator(set, clicks: 3, keepsMasks: true).evaluate([answerer]))[0]
        #expect(result.rows.count == 4 && result.clickCount == 3 && result.forms.count == 4)
        #expect(result.rows.map(\.record) == [0, 0, 1, 1] && result.rows.map(\.categoryID) == [1, 2, 1, 2])
        let (image, labels) = try sample()
        let answers = try answerer.answers(about: image, objects: labels, clicks: 3)
        for (index, label) in labels.enumerated() {
            let row = result.rows[index]
            #expect(row.area == label.area && row.boxMask == answers.boxes[index].compressedString)
            #expect(row.pointMask == answers.clicks[0][index].compressedString)
            for round in 0..<3 {
                let shared = answers.clicks[round][index].intersectionArea(label)
                let union = answers.clicks[round][index].area + label.area - shared
                #expect(row.clicks[round].intersectionOverUnion == Double(shared) / Double(union))
                #expect(row.clicks[round].boundaryIntersectionOverUnion != nil)
            }
        }
        // The same figures whether more is asked for or not.
        let short = try #require(try Evaluator(set, comparesBoundaries: false).evaluate([answerer]))[0]
        #expect(short.score == result.score && short.rows[0].boxMask == nil && short.clickCount == 1)
    }

    // MARK: Subsets

    @Test func subsetsAreSpreadEvenly() throws {
        let directory = try TemporaryDirectory()
        try TrainingFixture.write(try TrainingFixture.samples(10), to: directory.path)
        let set = try ShardSet(path: directory.path)
        let whole = EvaluationSubset(set)
        #expect(whole.isWhole && whole.records == Array(0..<10) && whole.objectCount == 20)
        let half = EvaluationSubset(set, maximumImages: 5)
        #expect(!half.isWhole && half.records.count == 5 && half.recordCount == 10)
        let gaps = zip(half.records.dropFirst(), half.records).map(-)
        #expect(gaps.allSatisfy { $0 == 2 }, "\(half.records)")
        let few = EvaluationSubset(set, maximumObjects: 5)
        let chosen = few.records.indices.map { few.chosen(of: ["a", "b"], at: $0).count }
        #expect(!few.isWhole && chosen.reduce(0, +) == 5 && chosen.allSatisfy { $0 <= 1 })
        let model = ModelAnswerer(ScratchWeights.model(TrainingFixture.configuration, seed: 4), name: "model")
        let result = try #require(try Evaluator(set, subset: few).evaluate([model]))[0]
        #expect(result.rows.count == 5 && result.imageCount == 5)
    }
}
