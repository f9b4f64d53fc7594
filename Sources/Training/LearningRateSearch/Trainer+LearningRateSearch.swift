internal import JSONText
internal import Layers
internal import Pipeline
internal import Runtime
internal import SAM
internal import Tensors

extension Trainer {
    /// Runs a learning-rate range test of the run that a configuration describes. Nothing is written.
    ///
    /// The data, the loss, the optimiser and its groups, clipping and precision are the run's; its schedule and length are not.
    ///
    /// - Parameters:
    ///   - steps: at least 2; more rise more slowly.
    ///   - shouldStop: asked often.
    ///   - progress: told how many steps are done, on the calling thread.
    ///   - leftOut: told of records that are left out, since they cannot be read.
    /// - Returns: the test; when told to stop, what there is of it.
    /// - Throws: what `new(_:in:replacing:)` throws, and what reading records throws.
    package static func findLearningRate(
        _ configuration: TrainingConfiguration, steps: Int, shouldStop: @escaping () -> Bool = { false },
        progress: (_ done: Int) -> Void = { _ in }, leftOut: (LeftOutRecord) -> Void = { _ in }
    ) throws -> LearningRateSearch {
        var configuration = configuration
        // What depends on the run's length or validation plays no part.
        (configuration.warmupSteps, configuration.patience, configuration.schedule) = (nil, nil, .constant)
        // A cache would be written; a test of so few steps gains little by it.
        configuration.cache = .off
        configuration.unfreeze = []
        // At least one step an epoch: the data does not end before the test does.
        configuration.epochs = steps + 1
        let trainer = try prepared(configuration, in: RunFolder(path: ""))
        trainer.shouldStop = shouldStop
        return try trainer.search(steps: steps, progress: progress, leftOut: leftOut)
    }

    private func search(
        steps: Int, progress: (_ done: Int) -> Void, leftOut: (LeftOutRecord) -> Void
    ) throws -> LearningRateSearch {
        var search = LearningRateSearch(plannedSteps: steps)
        defer { feed.cancel() }
        try beginFeed()
        let gradients = try GradientBatch(model, configuration: configuration)
        while search.wantsMore {
            let images = min(plan.imagesPerStep, plan.images - state.imagesInEpoch)
            do {
                guard let gathered = try accumulate(images, gradients) else {
                    search.interrupt()
                    break
                }
                for record in gathered.leftOut { leftOut(record) }
                let loss = try probe(gathered, at: search.nextRate)
                search.note(loss: loss)
            } catch let error as TrainingError where error.code == .notFinite {
                search.note(loss: nil)
            }
            state.step += 1
            state.imagesInEpoch += images
            if state.imagesInEpoch == plan.images {
                // The loader says that its epoch is over before it begins the next.
                _ = try feed.next(1)
                state.imagesInEpoch = 0
            }
            progress(search.points.count)
        }
        return search
    }

    /// Changes the weights at one rate.
    ///
    /// - Returns: the loss before, or nil when a gradient is not finite.
    private func probe(_ gathered: GatheredStep, at rate: Double) throws(TrainingError) -> Double? {
        if let failure = gathered.failure { throw failure }
        let scale = state.lossScale?.scale ?? 1
        let norm = GradientNorm.global(of: trained) / scale
        guard norm.isFinite else { return nil }
        let clip = configuration.gradientClip
        let factor = clip > 0 ? GradientNorm.clippingFactor(norm: norm, maximum: clip) : 1
        optimizer.step(learningRate: rate, gradientScale: factor / Float(scale))
        return gathered.terms.total
    }
}
