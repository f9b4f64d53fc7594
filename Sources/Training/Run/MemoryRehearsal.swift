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
    ///   - choice: what that is.
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

    /// Shares of boxes among the prompts of a batch that may be the one which needs most.
    private var boxShares: [Double] {
        switch configuration.resolvedPrompts {
        // Both kinds are there at once, in the configured shares.
        case .single: [configuration.boxProbability]
        // One kind after the other, sometimes only one; points take more, as they get several masks.
        case .interactive:
            [0, 1].contains(configuration.boxProbability) ? [configuration.boxProbability] : [0, 0.5, 1]
        // All objects of an image are asked for in the same way.
        case .microSAM: [configuration.boxProbability.rounded(.down)]
        }
    }

    /// - Throws: `TrainingError` as the steps do.
    func run() throws(TrainingError) {
        let trained = choice.all
        var optimizer = Optimizer(trained, configuration: configuration)
        let average = configuration.ema > 0 ? WeightAverage(of: trained, decay: configuration.ema) : nil
        let plan = try PromptPlan(configuration, model: model.configuration)
        // Masks that are fed back give every object an image of its own: most memory, and sooner or later all rounds have them.
        var most = plan
        if plan.maskProbability > 0 { most.maskProbability = 1 }
        model.imageEncoder.usesBatchStatistics = model.usesBatchStatistics(configuration)
        let gradients = GradientBatch(model, configuration: configuration, plan: most)
        // The loader prepares examples ahead.
        let ahead = (0..<2 * Workers.count).map { _ in example(objects: []) }
        let worst = data.worstBatch(configuration)
        let depth = ExampleFeed.depth(of: model, configuration)
        // The second step finds what the optimiser remembers in place.
        for _ in 0..<min(2, data.steps) {
            // What accumulates finds the gradients of the passes before in place.
            let passes = configuration.accumulate == 1 ? boxShares : boxShares + boxShares
            for (pass, boxShare) in passes.enumerated() {
                if pass == 0 || configuration.accumulate == 1 {
                    for parameter in choice.all { parameter.gradient = nil }
                }
                let examples = worst.map { most in
                    example(objects: objects(most, boxShare: boxShare), stream: UInt64(pass))
                }
                // Images as the cache hands them out, all of them computed first.
                _ = try gradients.accumulate(
                    examples.map { $0.encoded(by: model, to: depth) }, objectsInStep: 1)
            }
            optimizer.step(learningRate: 1e-4)
        }
        withExtendedLifetime((ahead, average)) {}
        model.imageEncoder.usesBatchStatistics = false
        guard let validation = data.validation else { return }
        validate(model, objects: validation.objects)
        if configuration.report {
            // In the end the best model is there beside the last, and without gradients.
            for parameter in choice.all { parameter.gradient = nil }
            validate(SAMModel(model.configuration, from: .zero), objects: 16)
        }
    }

    private func example(objects: [TrainingObject], stream: UInt64 = 0) -> TrainingExample {
        let side = model.configuration.imageSize
        return TrainingExample(
            imageID: "", image: .pixels(Tensor(zeros: [1, side, side, 3])),
            frame: ImageFrame(height: side, width: side, imageSize: side), objects: objects, stream: stream)
    }

    /// One image of a validation, asked with boxes, with points, and with points and masks, as many at once as a predictor
    /// takes.
    private func validate(_ model: SAMModel, objects: Int) {
        let (side, lowResSize) = (model.configuration.imageSize, model.configuration.lowResSize)
        let frame = ImageFrame(height: side, width: side, imageSize: side)
        let middle = Double(side) / 2
        let point = Prompt.Point(x: middle, y: middle)
        GradientRecording.off {
            let image = model.detailed(model.imageEncoder(Tensor(zeros: [1, side, side, 3])))
            let position = model.promptEncoder.densePositionalEncoding()
            var kinds = [Prompt(box: Box(x: 0, y: 0, width: middle, height: middle)), Prompt(points: [point])]
            if configuration.report && configuration.reportClicks > 1 && model.configuration.promptLimits.takesMasks {
                kinds.append(
                    Prompt(
                        points: [point, point], mask: [Float](repeating: 0, count: lowResSize * lowResSize)))
            }
            for prompt in kinds {
                let prompts = PromptBatch(
                    Array(repeating: prompt, count: max(1, min(16, objects))), in: frame, lowResSize: lowResSize)
                _ = model.masks(
                    image: image, imagePosition: position, prompts: prompts,
                    multimaskOutput: model.configuration.wantsSeveralMasks(for: prompt))
            }
        }
    }

    /// So many objects of an image, with the kinds of prompts in their shares.
    private func objects(_ count: Int, boxShare: Double) -> [TrainingObject] {
        let (lowResSize, side) = (model.configuration.lowResSize, model.configuration.imageSize)
        let boxes = Int((Double(count) * boxShare).rounded(.down))
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
