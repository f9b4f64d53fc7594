import Checkpoints
import Images
import JSONText
import Layers
import Masks
import SAM
import Tensors
import TestSupport
import Testing

/// SAM-HQ, EfficientSAM and pruned encoders against PyTorch.
@Suite struct VariantParityTests {
    @Test(arguments: ReferenceModel.variants)
    func parametersHaveTheReferencesNamesShapesAndOrder(reference: ReferenceModel) throws {
        let parameters = try reference.model().parameters
        let order = try #require(reference.json()["state_dict"]?.array).compactMap(\.string)
        let listed = try reference.configuration().tensorShapes
        #expect(listed.map(\.name) == order)
        #expect(Set(parameters.map(\.name)) == Set(order) && parameters.count == order.count)
        let stored = try reference.file("weights")
        for tensor in listed { #expect(stored[tensor.name]?.shape == tensor.shape, "\(tensor.name)") }
    }

    @Test(arguments: ReferenceModel.variants)
    func forwardAgrees(reference: ReferenceModel) throws { try ParityTests.checkForward(reference) }

    @Test(arguments: ReferenceModel.variants)
    func everyGradientAgrees(reference: ReferenceModel) throws { try ParityTests.checkGradients(reference) }

    /// The tokens that the finer head reads are those of the first global block, or behind TinyViT's second stage.
    @Test(arguments: ReferenceModel.variants.filter { $0.testDescription.hasPrefix("hq") })
    func earlyTokensAgree(reference: ReferenceModel) throws {
        let stored = try reference.file("cases")
        let features = try reference.model().imageEncoder(try #require(stored["image"]).tensor())
        #expect(
            relativeError(try #require(features.early), try #require(stored["early"])) < ParityTests.forwardTolerance)
    }

    /// Bytes of outputs and gradients at several numbers of workers, with checkpointing and without.
    @Test(arguments: ReferenceModel.variants)
    func nothingDependsOnTheNumberOfWorkers(reference: ReferenceModel) throws {
        let runs = try atEveryWorkerCount {
            let model = try reference.model()
            let total = try ParityTests.loss(model, reference)
            backward(total)
            return [total.values] + model.parameters.map { $0.gradient?.values ?? [] }
        }
        for run in runs.dropFirst() {
            #expect(run.map { $0.map(\.bitPattern) } == runs[0].map { $0.map(\.bitPattern) })
        }
    }

    /// Blocks that are computed again while the tape runs backward give the same gradients.
    @Test(arguments: ReferenceModel.variants)
    func checkpointingChangesNothing(reference: ReferenceModel) throws {
        let image = try #require(reference.file("cases")["image"]).tensor()
        let gradients = try [false, true].map { isCheckpointing in
            let encoder = try reference.model().imageEncoder
            let features = encoder(image, isCheckpointing: isCheckpointing)
            let early = features.early.map { ($0 * $0).sum() } ?? Tensor(0)
            backward((features.embedding * features.embedding).sum() + early)
            return encoder.parameters.filter(\.isTrainable).map { $0.gradient?.values.map(\.bitPattern) ?? [] }
        }
        #expect(gradients[0] == gradients[1])
        #expect(gradients[0].allSatisfy { $0.contains { $0 != 0 } })
    }

    /// EfficientSAM's own program never gives out the single mask: the answer is the best of the others, for boxes too.
    @Test(arguments: ReferenceModel.variants) func theAnswerIsTheFamilysOwn(reference: ReferenceModel) throws {
        let model = try reference.model()
        var predictor = SAMPredictor(model: model)
        predictor.setImage(RGBImage(height: 40, width: 50, pixels: (0..<6000).map { UInt8($0 * 13 % 256) }))
        let box = Prompt(box: Box(x: 4, y: 5, width: 30, height: 22))
        let point = Prompt(points: [Prompt.Point(x: 20, y: 18)])
        let best = try predictor.predictBest([box, point])
        let isEfficient = model.configuration.family == .efficientSAM
        for (found, (prompt, isMulti)) in zip(best, [(box, isEfficient), (point, true)]) {
            let offered = try predictor.predict([prompt], multimaskOutput: isMulti)[0]
            #expect(found.iouPrediction == offered.map(\.iouPrediction).max())
        }
    }

    /// Weights that are no numbers are no reason to say that there is nothing in the image.
    @Test(arguments: ReferenceModel.variants) func answersThatAreNoNumbersAreNamed(reference: ReferenceModel) throws {
        let model = try reference.model()
        for parameter in model.parameters where parameter.name.hasPrefix("mask_decoder.iou_prediction_head") {
            parameter.withMutableElements { $0[0] = .nan }
        }
        var predictor = SAMPredictor(model: model)
        predictor.setImage(RGBImage(height: 8, width: 8, pixels: [UInt8](repeating: 9, count: 192)))
        let error = #expect(throws: SAMError.self) {
            try predictor.predictBest([Prompt(points: [Prompt.Point(x: 4, y: 4)])])
        }
        #expect(error?.code == .answer)
        var generator = try AutomaticMaskGenerator(model: model)
        #expect(throws: SAMError.self) {
            try generator.masks(of: RGBImage(height: 8, width: 8, pixels: [UInt8](repeating: 9, count: 192)))
        }
    }

    /// Many prompts go through the decoder in groups; what the finer head makes of the image may be computed before.
    @Test(arguments: ReferenceModel.variants[..<2])
    func groupsAndDetailChangeNothing(reference: ReferenceModel) throws {
        let model = try reference.model()
        let side = Float(model.configuration.imageSize)
        let cells = model.configuration.gridSize * model.configuration.gridSize
        let count = 2 * (2 << 20) / (cells * model.configuration.promptEmbedDim) + 3
        let points = (0..<count).map { index in
            let share = Float(index) / Float(count)
            return [PromptBatch.Point(x: side * share, y: side * (1 - share), label: .foreground)]
        }
        let image = try #require(reference.file("cases")["image"]).tensor()
        GradientRecording.off {
            let features = model.imageEncoder(image).image(0)
            let position = model.promptEncoder.densePositionalEncoding()
            func masks(_ image: ImageFeatures, _ points: [[PromptBatch.Point]]) -> Tensor {
                model.masks(
                    image: image, imagePosition: position, prompts: PromptBatch(points: points), multimaskOutput: true
                ).lowResMasks
            }
            let all = masks(features, points)
            let detailed = model.detailed(features)
            #expect((detailed.detail != nil) == (model.configuration.family == .samHQ))
            #expect(masks(detailed, points).values == all.values)
            for index in [0, count / 2, count - 1] {
                let alone = masks(features, [points[index]])
                let together = all.sliced(axis: 0, range: index..<index + 1)
                #expect(relativeError(together.values, alone.values) < 1e-5)
            }
        }
    }
}
