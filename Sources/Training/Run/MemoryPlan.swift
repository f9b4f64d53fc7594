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
    /// Gradients of what is trained, and the optimiser's two moments.
    package let trainingBytes: Int
    /// Resident memory of the process at the peak.
    package let peakBytes: Int

    /// Scratch memory of single operations, which the simulation leaves out: packed operands and partial sums.
    private static let scratchBytes = 48 << 20

    /// - Parameters:
    ///   - model: the architecture.
    ///   - configuration: of the run.
    ///   - steps: steps of the run; the second finds the optimiser's moments and the pool's free blocks in place.
    ///   - otherBytes: resident memory that is not the tensors'.
    /// - Throws: `TrainingError.configuration` when the names of what is trained fit nothing.
    package init(
        _ model: SAMConfiguration, configuration: TrainingConfiguration, steps: Int, otherBytes: Int
    ) throws(TrainingError) {
        var parameters: [Parameter] = []
        var trained: [Parameter] = []
        var failure: TrainingError?
        let pool = MemorySimulation.peakBytes {
            do throws(TrainingError) {
                let model = SAMModel(model, from: .zero)
                parameters = model.parameters
                trained = try ParameterSelection(trainOnly: configuration.trainOnly, freeze: configuration.freeze)
                    .apply(to: parameters)
                try Self.runSteps(min(2, steps), of: model, trained, configuration)
                for parameter in parameters { parameter.gradient = nil }
            } catch { failure = error }
        }
        if let failure { throw failure }
        let size = MemoryLayout<Float>.stride
        weightBytes = parameters.reduce(0) { $0 + $1.count } * size
        trainingBytes = 3 * trained.reduce(0) { $0 + $1.count } * size
        peakBytes = pool + otherBytes + Self.scratchBytes
    }

    private static func runSteps(
        _ steps: Int, of model: SAMModel, _ trained: [Parameter], _ configuration: TrainingConfiguration
    ) throws(TrainingError) {
        var optimizer = AdamW(trained, configuration: configuration)
        let gradients = GradientBatch(
            model, objective: MaskObjective(weights: configuration.loss),
            isCheckpointing: configuration.checkpointActivations, precision: configuration.precision)
        // The loader prepares examples ahead.
        let ahead = (0..<2 * Workers.count).map { _ in example(for: model.configuration, objects: []) }
        let objects = objects(
            configuration, lowResSize: model.configuration.lowResSize, side: model.configuration.imageSize)
        for _ in 0..<steps {
            for parameter in trained { parameter.gradient = nil }
            for _ in 0..<min(2, configuration.accumulate) {
                let examples = (0..<configuration.batchSize).map { _ in
                    example(for: model.configuration, objects: objects)
                }
                _ = try gradients.accumulate(examples, imagesInStep: configuration.imagesPerStep)
            }
            optimizer.step(learningRate: 1e-4)
        }
        withExtendedLifetime(ahead) {}
    }

    private static func example(for model: SAMConfiguration, objects: [TrainingObject]) -> TrainingExample {
        let side = model.imageSize
        return TrainingExample(
            imageID: "", input: Tensor(zeros: [1, side, side, 3]),
            frame: ImageFrame(height: side, width: side, imageSize: side), objects: objects)
    }

    /// As many objects as an image has at most, with the kinds of prompts in their shares.
    private static func objects(
        _ configuration: TrainingConfiguration, lowResSize: Int, side: Int
    ) -> [TrainingObject] {
        let count = configuration.objectsPerImage
        let boxes = Int((Double(count) * configuration.boxProbability).rounded())
        let middle = Double(side) / 2
        let target = MaskCoverage(emptyOfHeight: lowResSize, width: lowResSize)
        return (0..<count).map { index in
            TrainingObject(
                prompt: index < boxes
                    ? Prompt(box: Box(x: 0, y: 0, width: middle, height: middle))
                    : Prompt(points: [Prompt.Point(x: middle, y: middle)]), target: target)
        }
    }
}
