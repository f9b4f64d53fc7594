internal import Layers
internal import Masks
internal import Runtime
internal import SAM
internal import Tensors

/// The steps of a run, and the answers of its validation, on shapes alone: ``MemoryPlan`` counts what they hold.
struct MemoryRehearsal {
    private let model: SAMModel
    private let choice: TrainedParameters
    private let configuration: TrainingConfiguration
    private let data: MemoryPlan.Data

    /// - Parameters:
    ///   - model: made within the simulation, with what is trained marked.
    ///   - choice: what is trained.
    ///   - configuration: of the run.
    ///   - data: what is trained on.
    init(
        _ model: SAMModel, _ choice: TrainedParameters, _ configuration: TrainingConfiguration, _ data: MemoryPlan.Data
    ) {
        self.model = model
        self.choice = choice
        self.configuration = configuration
        self.data = data
    }

    /// - Throws: `TrainingError` as the steps do.
    func run() throws(TrainingError) {
        let trained = choice.all
        var optimizer = Optimizer(trained, configuration: configuration)
        let average = configuration.ema > 0 ? WeightAverage(of: trained, decay: configuration.ema) : nil
        var plan = try PromptPlan(configuration, model: model.configuration)
        // Masks that are fed back give every object an image of its own: most memory, and sooner or later it comes.
        if plan.maskProbability > 0 { plan.maskProbability = 1 }
        let gradients = GradientBatch(model, configuration: configuration, plan: plan)
        // The loader prepares examples ahead.
        let ahead = (0..<2 * Workers.count).map { _ in example(objects: []) }
        let objects = objects(min(configuration.objectsPerImage, data.objectsPerImage))
        for _ in 0..<min(2, data.steps) {
            for parameter in trained { parameter.gradient = nil }
            for _ in 0..<min(2, configuration.accumulate) {
                let examples = (0..<min(configuration.batchSize, data.images)).map { _ in example(objects: objects) }
                _ = try gradients.accumulate(encoded(examples), imagesInStep: configuration.imagesPerStep)
            }
            optimizer.step(learningRate: 1e-4)
        }
        if let validation = data.validation { validate(objects: validation.objects) }
        withExtendedLifetime((ahead, average)) {}
    }

    private func example(objects: [TrainingObject]) -> TrainingExample {
        let side = model.configuration.imageSize
        return TrainingExample(
            imageID: "", image: .pixels(Tensor(zeros: [1, side, side, 3])),
            frame: ImageFrame(height: side, width: side, imageSize: side), objects: objects)
    }

    /// The examples with images as the cache hands them out, all of them computed first.
    private func encoded(_ examples: [TrainingExample]) -> [TrainingExample] {
        let depth = ExampleFeed.depth(of: model, configuration)
        return examples.map { example in
            guard case .pixels(let pixels) = example.image else { return example }
            return GradientRecording.off {
                switch depth {
                case .pixels: example
                case .blocks(let count): example.with(.prefix(model.imageEncoder.prefix(pixels, blocks: count)))
                case .features: example.with(.features(model.imageEncoder(pixels)))
                }
            }
        }
    }

    /// One image of a validation, asked with a batch of boxes and one of points.
    private func validate(objects: Int) {
        let side = model.configuration.imageSize
        let frame = ImageFrame(height: side, width: side, imageSize: side)
        let middle = Double(side) / 2
        GradientRecording.off {
            let image = model.detailed(model.imageEncoder(Tensor(zeros: [1, side, side, 3])))
            let position = model.promptEncoder.densePositionalEncoding()
            for prompt in [
                Prompt(box: Box(x: 0, y: 0, width: middle, height: middle)),
                Prompt(points: [Prompt.Point(x: middle, y: middle)]),
            ] {
                let prompts = PromptBatch(
                    Array(repeating: prompt, count: max(1, min(16, objects))), in: frame,
                    lowResSize: model.configuration.lowResSize)
                _ = model.masks(
                    image: image, imagePosition: position, prompts: prompts,
                    multimaskOutput: model.configuration.wantsSeveralMasks(for: prompt))
            }
        }
    }

    /// As many objects as an image has at most, with the kinds of prompts in their shares.
    private func objects(_ count: Int) -> [TrainingObject] {
        let (lowResSize, side) = (model.configuration.lowResSize, model.configuration.imageSize)
        // micro-sam asks for all objects of an image in the same way; points take more, as they get several masks.
        let boxProbability =
            configuration.resolvedPrompts == .microSAM
            ? configuration.boxProbability.rounded(.down) : configuration.boxProbability
        let boxes = Int((Double(count) * boxProbability).rounded())
        let middle = Double(side) / 2
        let label = RLE(Bitmap(height: side, width: side))
        let target = MaskCoverage(emptyOfHeight: lowResSize, width: lowResSize)
        return (0..<count).map { index in
            TrainingObject(
                prompt: index < boxes
                    ? Prompt(box: Box(x: 0, y: 0, width: middle, height: middle))
                    : Prompt(points: [Prompt.Point(x: middle, y: middle)]), target: target, label: label)
        }
    }
}
