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
        // An average that is never updated is the weights of the start.
        configuration.ema = 0.5
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
        let depth = model.usesBatchStatistics(configuration) ? .pixels : model.imageEncoder.frozenDepth
        var idleSteps = 0
        while search.wantsMore {
            let images = min(plan.imagesPerStep, plan.images - state.imagesInEpoch)
            var start = LossTerms()
            do {
                let gathered = try accumulate(images, gradients) { examples throws(TrainingError) in
                    let examples = examples.map { $0.encoded(by: model, to: depth) }
                    start.add(try startTerms(examples, gradients), times: 1)
                    return examples
                }
                guard let gathered else {
                    search.interrupt()
                    break
                }
                for record in gathered.leftOut { leftOut(record) }
                if gathered.objects == 0 {
                    idleSteps += 1
                    if idleSteps > plan.stepsPerEpoch { throw nothingToLearn() }
                } else if try change(gathered, at: search.nextRate).failure == nil {
                    idleSteps = 0
                    search.note(
                        loss: gathered.terms.total, startLoss: start.total / Double(gathered.objects))
                } else {
                    search.skip()
                }
            } catch let error as TrainingError where error.code == .notFinite {
                search.note(loss: nil, startLoss: 0)
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

    /// The loss of examples at the weights of the start, summed over their objects.
    private func startTerms(
        _ examples: [TrainingExample], _ gradients: GradientBatch
    ) throws(TrainingError) -> LossTerms {
        do {
            return try withAveragedWeights {
                try withBatchStatistics {
                    try GradientRecording.off { try gradients.accumulate(examples, objectsInStep: 1) }
                }
            }
        } catch let error as TrainingError {
            throw error
        } catch {
            preconditionFailure("the loss of examples throws a TrainingError, not \(error)")
        }
    }
}
