internal import Kernels
internal import Layers
internal import Masks
internal import Runtime
package import SAM
internal import Tensors

/// What a run's steps need of memory, known before the first one: the steps themselves are run on shapes alone.
///
/// Source of the idea: what an operation keeps and frees is decided by the operation, so that a formula beside it would
/// be wrong as soon as either changes.
package struct MemoryPlan: Sendable, Hashable {
    /// Weights, trained or not.
    package let weightBytes: Int
    /// Gradients of what is trained, what the optimiser remembers of it, and the moving average of the weights.
    package let trainingBytes: Int
    /// Resident memory of the process at the peak.
    package let peakBytes: Int

    /// What the data asks of a step at most.
    package struct Data: Sendable, Hashable {
        /// Steps of the run; the second finds the optimiser's moments and the pool's free blocks in place.
        package let steps: Int
        /// Images that are trained on.
        package let images: Int
        /// Objects of the image that has most.
        package let objectsPerImage: Int

        package init(steps: Int, images: Int, objectsPerImage: Int) {
            self.steps = steps
            self.images = images
            self.objectsPerImage = objectsPerImage
        }
    }

    /// Scratch memory of single operations, which the simulation leaves out: packed operands.
    private static let scratchBytes = 48 << 20

    /// What a validation holds beside tensors: masks and distances of an image's objects at its full size. Measured on
    /// images of 320 x 256 pixels; much larger ones take more.
    private static let validationBytes = 20 << 20

    /// The same of mask upscaling on the way back: gradients of its weights by parts, some for each prompt.
    private static func partBytes(_ model: SAMConfiguration, prompts: Int) -> Int {
        let (width, cells) = (model.promptEmbedDim, model.gridSize * model.gridSize)
        return prompts * ((cells + 767) / 768) * (width * width + width * width / 8) * MemoryLayout<Float>.stride
    }

    /// - Parameters:
    ///   - model: the architecture.
    ///   - configuration: of the run.
    ///   - data: what is trained on.
    ///   - otherBytes: resident memory that is not the tensors'.
    /// - Throws: `TrainingError.configuration` when the names of what is trained fit nothing.
    package init(
        _ model: SAMConfiguration, configuration: TrainingConfiguration, data: Data, otherBytes: Int
    ) throws(TrainingError) {
        var parameters: [Parameter] = []
        var trained: [Parameter] = []
        var failure: TrainingError?
        let pool = MemorySimulation.peakBytes {
            do throws(TrainingError) {
                let model = SAMModel(model, from: .zero)
                parameters = model.parameters
                let choice = try TrainedParameters(model, configuration: configuration)
                choice.begin(epoch: .max)
                trained = choice.all
                try Self.runSteps(of: model, choice, configuration, data)
                for parameter in trained { parameter.gradient = nil }
            } catch { failure = error }
        }
        if let failure { throw failure }
        let size = MemoryLayout<Float>.stride
        weightBytes = parameters.reduce(0) { $0 + $1.count } * size
        let copies = 1 + OptimizerRule(configuration).momentNames.count + (configuration.ema > 0 ? 1 : 0)
        trainingBytes = copies * trained.reduce(0) { $0 + $1.count } * size
        let prompts = min(configuration.objectsPerImage, data.objectsPerImage)
        peakBytes =
            pool + otherBytes + Self.scratchBytes + Self.partBytes(model, prompts: prompts)
            + (configuration.val == nil ? 0 : Self.validationBytes)
    }

    private static func runSteps(
        of model: SAMModel, _ choice: TrainedParameters, _ configuration: TrainingConfiguration, _ data: Data
    ) throws(TrainingError) {
        let trained = choice.all
        var optimizer = Optimizer(trained, configuration: configuration)
        let average = configuration.ema > 0 ? WeightAverage(of: trained, decay: configuration.ema) : nil
        var plan = try PromptPlan(configuration, model: model.configuration)
        // Masks that are fed back give every object an image of its own: most memory, and sooner or later it comes.
        if plan.maskProbability > 0 { plan.maskProbability = 1 }
        let gradients = GradientBatch(model, configuration: configuration, plan: plan)
        // The loader prepares examples ahead.
        let ahead = (0..<2 * Workers.count).map { _ in example(for: model.configuration, objects: []) }
        let objects = objects(
            min(configuration.objectsPerImage, data.objectsPerImage), configuration,
            lowResSize: model.configuration.lowResSize, side: model.configuration.imageSize)
        for _ in 0..<min(2, data.steps) {
            for parameter in trained { parameter.gradient = nil }
            for _ in 0..<min(2, configuration.accumulate) {
                let examples = (0..<min(configuration.batchSize, data.images)).map { _ in
                    example(for: model.configuration, objects: objects)
                }
                _ = try gradients.accumulate(examples, imagesInStep: configuration.imagesPerStep)
            }
            optimizer.step(learningRate: 1e-4)
        }
        withExtendedLifetime((ahead, average)) {}
    }

    private static func example(for model: SAMConfiguration, objects: [TrainingObject]) -> TrainingExample {
        let side = model.imageSize
        return TrainingExample(
            imageID: "", image: .pixels(Tensor(zeros: [1, side, side, 3])),
            frame: ImageFrame(height: side, width: side, imageSize: side), objects: objects)
    }

    /// As many objects as an image has at most, with the kinds of prompts in their shares.
    private static func objects(
        _ count: Int, _ configuration: TrainingConfiguration, lowResSize: Int, side: Int
    ) -> [TrainingObject] {
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
