import Images
import Masks
import Metrics
import Runtime
import SAM
import Shards
import TestSupport
import Testing
import Training

/// Answers with the labels themselves.
private struct Oracle: Answerer {
    let name = "oracle"
    let labels: [RLE]

    func masks(of image: RGBImage, for prompts: [Prompt]) -> [RLE] {
        prompts.map { prompt in
            labels.first { mask in
                guard mask.height == image.height else { return false }
                if let box = prompt.box { return box == mask.boundingBox }
                return prompt.points.allSatisfy { mask.bitmap()[Int($0.y), Int($0.x)] }
            } ?? labels[0]
        }
    }
}

@Suite struct EvaluatorTests {
    private func set(_ samples: [ShardSample], in directory: TemporaryDirectory) throws -> ShardSet {
        try TrainingFixture.write(samples, to: directory.path)
        return try ShardSet(path: directory.path)
    }

    @Test func labelsAgreeWithThemselves() throws {
        let directory = try TemporaryDirectory()
        let samples = try TrainingFixture.samples(1, classes: 2)
        let evaluator = Evaluator(try set(samples, in: directory))
        let oracle = Oracle(labels: samples.flatMap(\.objects).map(\.mask))
        let result = try #require(try evaluator.evaluate([oracle]))[0]
        for kind in PromptKind.allCases {
            #expect(result.meanIoU(kind) == 1 && result.meanDice(kind) == 1)
            #expect(result.overall[kind]?.all.boundaryIntersectionOverUnion.mean == 1)
            #expect(result.overall[kind]?.all.hausdorff95.mean == 0)
            #expect(result.byClass[kind]?[1]?.all.dice.count == 1 && result.byClass[kind]?[2]?.all.dice.count == 1)
        }
        #expect(result.score == 1)
    }

    /// A filled box around a disc of radius r covers it and (4 - pi) / 4 of the square besides.
    @Test func trivialAnswersAreTheBoxAndADisc() throws {
        let directory = try TemporaryDirectory()
        let mask = TrainingFixture.disc(row: 60, column: 70, radius: 40, height: 128, width: 128)
        var sample = try TrainingFixture.samples(1)[0]
        (sample.height, sample.width) = (128, 128)
        sample.encoded = try ImageCodec.encodePNG(RGBImage(height: 128, width: 128))
        sample.objects = [sample.objects[0]]
        sample.objects[0].mask = mask
        let evaluator = Evaluator(try set([sample], in: directory), comparesBoundaries: false)
        #expect(try evaluator.medianArea() == Double(mask.area))
        let trivial = TrivialAnswerer(discArea: Double(mask.area))
        let result = try #require(try evaluator.evaluate([trivial]))[0]
        let box = Double(mask.area) / (81.0 * 81)
        #expect(abs(try #require(result.meanIoU(.box)) - box) < 1e-12)
        #expect(abs(try #require(result.meanDice(.box)) - 2 * box / (1 + box)) < 1e-12)
        #expect(try #require(result.meanIoU(.point)) > 0.98)
        #expect(result.overall[.box]?.all.hausdorff95.count == 0)
    }

    @Test func modelsAnswerTheSameAtAnyThreadCount() throws {
        let directory = try TemporaryDirectory()
        let evaluator = Evaluator(try set(try TrainingFixture.samples(2), in: directory))
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 2)
        let results = try atEveryWorkerCount {
            try evaluator.evaluate([ModelAnswerer(model, name: "model")])?[0].overall
        }
        for result in results { #expect(result == results[0]) }
        #expect(results[0]?[.point]?.all.dice.count == 4)
    }

    @Test func aSetWithoutObjectsIsAnError() throws {
        let directory = try TemporaryDirectory()
        var sample = try TrainingFixture.samples(1)[0]
        for index in sample.objects.indices { sample.objects[index].isCrowd = true }
        let evaluator = Evaluator(try set([sample], in: directory))
        #expect(try evaluator.medianArea() == nil)
        let error = try #require(throws: TrainingError.self) { try evaluator.evaluate([TrivialAnswerer(discArea: 1)]) }
        #expect(error.code == .data)
    }
}
