import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// Gradients of several rounds of prompts.
@Suite struct PromptRoundsTests {
    private typealias Gradients = [String: [Float]]

    private func gradients(
        _ model: SAMModel, _ configuration: TrainingConfiguration, of batches: [[TrainingExample]]
    ) throws -> (gradients: Gradients, terms: [LossTerms]) {
        for parameter in model.parameters { parameter.gradient = nil }
        let batch = try GradientBatch(model, configuration: configuration)
        let objects = batches.joined().reduce(0) { $0 + $1.objects.count }
        let terms = try batches.map { try batch.accumulate($0, objectsInStep: Double(objects)) }
        let gradients = model.parameters.compactMap { parameter in
            parameter.gradient.map { (parameter.name, $0.values) }
        }
        return (Dictionary(uniqueKeysWithValues: gradients), terms)
    }

    /// The largest difference of any parameter's gradients, relative to its largest element.
    private func difference(_ some: Gradients, _ others: Gradients) -> Float {
        guard Set(some.keys) == Set(others.keys), !some.isEmpty else { return .infinity }
        return some.reduce(0) { largest, entry in
            // The true gradient of a key bias is zero: what is there is rounding.
            let size = max(entry.value.map(abs).max() ?? 0, 1e-3)
            let other = others[entry.key] ?? []
            return max(largest, zip(entry.value, other).reduce(0) { max($0, abs($1.0 - $1.1)) } / size)
        }
    }

    private func prepared(
        _ prompts: PromptProtocol, images: Int = 4, _ change: (inout TrainingConfiguration) -> Void = { _ in }
    ) throws -> (configuration: TrainingConfiguration, examples: [TrainingExample], model: SAMModel) {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory, images: images)
        configuration.prompts = prompts
        change(&configuration)
        return (
            configuration, try TrainingFixture.examples(configuration),
            ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        )
    }

    private static let protocols = [PromptProtocol.interactive, .microSAM]

    // MARK: Sums

    @Test(arguments: protocols) func accumulatingIsOneLargeBatch(prompts: PromptProtocol) throws {
        let (configuration, examples, model) = try prepared(prompts)
        let atOnce = try gradients(model, configuration, of: [examples])
        let oneByOne = try gradients(model, configuration, of: examples.map { [$0] })
        let inPairs = try gradients(
            model, configuration, of: [Array(examples[..<2]), Array(examples[2...])])
        #expect(difference(atOnce.gradients, oneByOne.gradients) < 1e-5)
        #expect(difference(atOnce.gradients, inPairs.gradients) < 1e-5)
        let sum = oneByOne.terms.reduce(0) { $0 + $1.total }
        #expect(abs(sum - atOnce.terms[0].total) < 1e-5 * sum)
    }

    /// With a frozen encoder images go through the decoder in the same order however they are cut into batches.
    @Test(arguments: protocols) func withAFrozenEncoderTheBytesAreEqual(prompts: PromptProtocol) throws {
        let (configuration, examples, model) = try prepared(prompts)
        _ = try ParameterSelection(freeze: ["image_encoder"]).apply(to: model.parameters)
        let oneByOne = try gradients(model, configuration, of: examples.map { [$0] })

        // Features that a cache holds give the same as pixels.
        let encoded = examples.map { example in
            GradientRecording.off {
                TrainingExample(
                    imageID: example.imageID, image: .features(model.imageEncoder(example.pixels)),
                    frame: example.frame, objects: example.objects, stream: example.stream)
            }
        }
        let cached = try gradients(model, configuration, of: encoded.map { [$0] })
        #expect(cached.gradients == oneByOne.gradients && cached.terms == oneByOne.terms)
        let atOnce = try gradients(model, configuration, of: [encoded])
        #expect(atOnce.gradients == oneByOne.gradients && atOnce.gradients.count > 50)
    }

    @Test(arguments: protocols) func threadsChangeNothing(prompts: PromptProtocol) throws {
        let (configuration, examples, model) = try prepared(prompts) {
            $0.lossPoints = 30
            $0.loss.boundary = 1
            $0.loss.tversky = 1
        }
        let results = try atEveryWorkerCount { try gradients(model, configuration, of: [examples]) }
        for result in results {
            #expect(result.gradients == results[0].gradients && result.terms == results[0].terms)
        }
    }

    /// Objects asked for by boxes and by points go through the decoder in groups; each alone gives the same.
    @Test func groupsChangeNothing() throws {
        let (configuration, examples, model) = try prepared(.interactive, images: 6)
        let mixed = try #require(examples.first { Set($0.objects.map { $0.prompt.box == nil }).count == 2 })
        let together = try gradients(model, configuration, of: [[mixed]])
        let alone = mixed.objects.map { object in
            [
                TrainingExample(
                    imageID: mixed.imageID, image: mixed.image, frame: mixed.frame, objects: [object],
                    stream: mixed.stream)
            ]
        }
        let apart = try gradients(model, configuration, of: alone)
        #expect(difference(together.gradients, apart.gradients) < 1e-5)
    }

    /// One round of the paper's protocol on points is what the single prompt is: the detour by a leaf of the features changes no
    /// gradient.
    @Test func oneRoundIsASinglePrompt() throws {
        let (configuration, examples, model) = try prepared(.interactive) {
            $0.boxProbability = 0
            $0.promptRounds = 1
        }
        let round = try gradients(model, configuration, of: [examples])
        var single = configuration
        (single.prompts, single.promptRounds) = (.single, nil)
        let direct = try gradients(model, single, of: [examples])
        #expect(difference(round.gradients, direct.gradients) < 1e-5)
        #expect(round.gradients.keys.contains("image_encoder.patch_embed.proj.weight"))
        #expect(abs(round.terms[0].total - direct.terms[0].total) < 1e-6)
    }

    /// The loss is the mean of the rounds' losses, so that its size says the same whatever their number.
    @Test func roundsAreAveraged() throws {
        let (configuration, examples, model) = try prepared(.microSAM)
        let terms = try gradients(model, configuration, of: [examples]).terms[0]
        var one = configuration
        one.promptRounds = 1
        let first = try gradients(model, one, of: [examples]).terms[0]
        #expect(terms.firstMaskIoU == first.maskIoU && first.firstMaskIoU == first.lastMaskIoU)
        #expect(terms.total < 2 * first.total && terms.total > 0.3 * first.total)
        #expect(terms.maskIoU != terms.firstMaskIoU && terms.lastMaskIoU != terms.firstMaskIoU)
    }

    // MARK: What is reached

    /// Clicks of both signs and masks that are fed back reach every weight, but the networks of masks that were never chosen,
    /// and the bias of the last attention's keys, which its softmax does not see.
    @Test func everyTrainableTensorGetsAGradient() throws {
        let (configuration, examples, _) = try prepared(.microSAM)
        var architecture = TrainingFixture.configuration
        // With fewer channels the first norm of masks is over one channel, and lets nothing through.
        architecture.maskInChannels = 16
        let model = ScratchWeights.model(architecture, seed: 3)
        let gradients = try gradients(model, configuration, of: [examples]).gradients
        for parameter in model.parameters
        where parameter.isTrainable && !parameter.name.contains("output_hypernetworks_mlps") {
            let isReached = gradients[parameter.name]?.contains { $0 != 0 } ?? false
            #expect(isReached != parameter.name.hasSuffix("final_attn_token_to_image.k_proj.bias"), "\(parameter.name)")
        }
    }

    /// A decoder of the real size needs no more memory for five rounds than for three, but for the tokens of more points.
    @Test func memoryIsLetGoRoundByRound() throws {
        var configuration = TrainingConfiguration()
        configuration.prompts = .microSAM
        configuration.freeze = ["image_encoder"]
        configuration.batchSize = 1
        func peak(_ rounds: Int) throws -> Int {
            configuration.promptRounds = rounds
            return try MemoryPlan(
                SAMConfiguration(), configuration: configuration,
                data: MemoryPlan.Data(steps: 1, objects: BatchLoad(anyOf: [4])), otherBytes: 0
            ).peakBytes
        }
        let (three, five) = (try peak(3), try peak(5))
        #expect(Double(five - three) < 0.1 * Double(three), "\(three) bytes became \(five)")
    }

    /// A model that knows no background points and no masks learns from clicks on the object.
    @Test(arguments: protocols) func efficientSAMLearnsFromItsOwnPrompts(prompts: PromptProtocol) throws {
        let (configuration, examples, _) = try prepared(prompts)
        var architecture = TrainingFixture.configuration
        architecture.family = .efficientSAM
        let model = SAMModel(architecture, seed: 4)
        let result = try gradients(model, configuration, of: [examples])
        #expect(result.terms[0].total.isFinite && result.gradients["mask_decoder.iou_token.weight"] != nil)
    }

    // MARK: Keys

    /// Every key of losses and prompts changes the gradient, from the settings in which it counts.
    @Test(arguments: [
        ("prompts=interactive", "prompts=micro-sam"), ("prompts=interactive", "prompts=single"),
        ("prompts=interactive", "prompt-rounds=4"), ("prompts=micro-sam", "prompt-rounds=7"),
        ("prompts=micro-sam", "mask-probability=0"), ("prompts=micro-sam", "box-probability=1"),
        ("prompts=interactive", "box-probability=0.1"), ("prompts=interactive", "box-noise=0.3"),
        ("prompts=interactive box-noise=1", "box-noise-limit=1"), ("prompts=micro-sam", "min-object-area=90"),
        ("prompts=micro-sam", "objects-per-image=1"), ("prompts=micro-sam", "loss=dice-focal"),
        ("prompts=micro-sam", "focal-alpha=0.5"), ("prompts=micro-sam", "focal-gamma=1"),
        ("prompts=single loss=tversky=1", "tversky-alpha=0.6"),
        ("prompts=single loss=tversky=1", "tversky-beta=0.2"),
        ("prompts=single", "loss=focal=20,dice=1,iou=1,boundary=1"),
        ("prompts=single", "loss=focal=20,dice=1,iou-l1=1"), ("prompts=single", "loss-points=100"),
        ("prompts=micro-sam", "loss-points=100"), ("prompts=micro-sam", "seed=8"),
    ])
    func keysChangeTheGradient(settings: String, change: String) throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory, images: 4)
        configuration.augment = []
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        func set(_ settings: String) throws {
            for setting in settings.split(separator: " ") {
                let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
                try configuration.set(parts[0], to: .text(parts[1]))
            }
        }
        func gradient() throws -> Gradients {
            let examples = try TrainingFixture.examples(configuration)
            return try gradients(model, configuration, of: [examples]).gradients
        }
        try set(settings)
        let before = try gradient()
        let again = try gradient()
        #expect(again == before)
        try set(change)
        let after = try gradient()
        #expect(difference(before, after) > 1e-3)
    }
}
