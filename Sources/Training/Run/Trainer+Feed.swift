internal import Kernels
internal import Pipeline
internal import Runtime
internal import SAM
internal import Shards

extension Trainer {
    /// Makes the feed stand where the run does, with what is frozen in the epoch that begins.
    ///
    /// - Parameter isClosing: whether an epoch is over and its validation is what follows: that is of the model as the epoch had
    ///   it, of which nothing has joined yet.
    func beginFeed(isClosing: Bool = false) throws {
        parameters.begin(epoch: isClosing ? max(0, state.epoch - 1) : state.epoch)
        try feed.begin(
            at: LoaderState(seed: configuration.seed, epoch: state.epoch, position: state.imagesInEpoch)
        ) { observe(.remarked($0)) }
    }

    /// Whoever answers for the model in a validation: what the frozen part of the encoder makes of the images is cached too.
    var validationAnswerer: ModelAnswerer {
        guard let frozen = feed.frozen else { return ModelAnswerer(model, name: "validation") }
        return ModelAnswerer(model, name: "validation", encode: frozen.features)
    }

    /// The share of the steps' time since the last call in which the training thread waited for examples, 0...1.
    func takeLoaderWait() -> Double {
        let (steps, wait) = (stepSeconds - epochStart.steps, feed.waitSeconds - epochStart.wait)
        epochStart = (stepSeconds, feed.waitSeconds)
        return steps > 0 ? min(1, max(0, wait / steps)) : 0
    }

    /// Plans the run's memory and holds it against the limit.
    ///
    /// - Parameter steps: of the run.
    /// - Throws: `TrainingError.memory` with changes that would help when the run needs more than `max-memory`.
    static func checkedMemory(
        _ configuration: TrainingConfiguration, model: SAMModel, data: TrainingData, steps: Int
    ) throws -> MemoryPlan {
        let largest = data.largestImage
        let asked = MemoryPlan.Data(
            steps: steps, objects: data.batchLoad(shuffle: configuration.shuffle),
            pixels: largest.pixels, side: largest.side, validation: data.validationLoad)
        let other = max(0, ResourceUsage.memoryBytes - BufferPool.heldBytes)
        let plan = try MemoryPlan(model.configuration, configuration: configuration, data: asked, otherBytes: other)
        if let limit = configuration.maxMemory, plan.peakBytes > limit {
            throw MemoryAdvice(
                model.configuration, configuration: configuration, data: asked, otherBytes: other, limit: limit
            ).refusal(of: plan)
        }
        return plan
    }
}
