internal import JSONText
internal import Layers
internal import Runtime
internal import Shards

extension Trainer {
    /// Looks at the clock, validates after an epoch, and keeps the checkpoint.
    ///
    /// - Returns: whether it was done; false when it was told to stop before.
    func closeEpoch(log: MetricsLog) throws -> Bool {
        planWithinLimit()
        var evaluation: Evaluation?
        let isLast = state.epoch >= state.plannedEpochs
        if let validation, isLast || state.epoch % configuration.validateEvery == 0 {
            try save(as: [.last])
            // A resumed run may begin with the validation.
            if feed.plan == nil { try beginFeed(isClosing: true) }
            let evaluator = Evaluator(
                validation, minObjectArea: configuration.minObjectArea, comparesBoundaries: false)
            let results = try withAveragedWeights {
                try evaluator.evaluate(
                    [validationAnswerer], show: { recorder?.show($0, epoch: state.epoch) },
                    progress: validating)
            }
            guard let results else { return false }
            evaluation = results[0]
        }
        let score = evaluation?.score ?? -1
        let isBest = score > state.best?.score ?? -1
        let epoch = TrainingEvent.Epoch(
            epoch: state.epoch, plannedEpochs: state.plannedEpochs, step: state.step,
            loss: state.lossObjects > 0 ? state.lossSum / Double(state.lossObjects) : .nan, validation: evaluation,
            isBest: isBest,
            loaderWait: takeLoaderWait(), encodedImages: feed.takeEncodedImages())
        try log.append(epoch.json(seconds: elapsed))
        if state.lossObjects == 0 {
            guard state.closedEpochs > 0 || state.skippedSteps > 0 else { throw nothingToLearn() }
            observe(
                .remarked(
                    "warning: epoch \(state.epoch) taught nothing: every step was left out, or had no object that the prompts "
                        + "and min-object-area admit"))
        }
        let open = state
        state.closedEpochs = state.epoch
        (state.lossSum, state.lossObjects) = (0, 0)
        if evaluation != nil { note(score, isBest: isBest) }
        do {
            // The name `last` moves at the very end: until then the epoch is closed once more, to the same bytes.
            try save(as: isBest ? [.best, .last] : [.last])
        } catch {
            state = open
            throw error
        }
        observe(.closedEpoch(epoch))
        return true
    }

    /// What to say of data in which prompts find nothing.
    func nothingToLearn() -> TrainingError {
        TrainingError(
            .data,
            "holds no object to learn from: in a whole epoch the prompts (\(configuration.prompts?.rawValue ?? "")) and "
                + "min-object-area (\(configuration.minObjectArea)) admitted none",
            at: DataLocation(path: shards.path))
    }

    /// Tells how far an evaluation got.
    ///
    /// - Returns: whether to go on.
    func validating(done: Int, total: Int) -> Bool {
        observe(.validating(done: done, total: total))
        return !shouldStop()
    }

    /// Runs `body` with the moving average in the place of the weights, where there is one.
    func withAveragedWeights<Value>(_ body: () throws -> Value) rethrows -> Value {
        guard let average else { return try body() }
        return try average.inPlace(body)
    }

    /// Takes in the score of a validation: the best one, how long ago it was, and whether the learning rate falls.
    private func note(_ score: Double, isBest: Bool) {
        if isBest { state.best = TrainingState.Best(epoch: state.epoch, step: state.step, score: score) }
        state.staleValidations = isBest ? 0 : state.staleValidations + 1
        state.plateau?.note(
            score, factor: configuration.plateauFactor, patience: configuration.plateauPatience,
            lowest: configuration.finalLearningRate)
    }

    /// Plans as many epochs as the limit of time allows, going by how long those of this process took.
    private func planWithinLimit() {
        guard let minutes = configuration.maxMinutes, epochsTrained > 0 else { return }
        let planned = TrainingPlan.epochs(
            configured: configuration.epochs, done: state.epoch,
            secondsPerEpoch: (elapsed - startSeconds) / Double(epochsTrained),
            // The evaluation at the end takes as long as the one before.
            secondsLeft: minutes * 60 - elapsed - (start?.seconds ?? 0))
        if planned != state.plannedEpochs {
            state.plannedEpochs = planned
            observe(.planned(epochs: planned))
        }
    }
}
