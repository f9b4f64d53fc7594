internal import JSONText
internal import Runtime

extension Trainer {
    /// Validates after an epoch, keeps the checkpoint, and looks at the clock.
    ///
    /// - Returns: whether it was done; false when it was told to stop before.
    func closeEpoch(log: MetricsLog) throws -> Bool {
        var evaluation: Evaluation?
        if let validation {
            let evaluator = Evaluator(
                validation, minObjectArea: configuration.minObjectArea, comparesBoundaries: false)
            let results = try evaluator.evaluate([ModelAnswerer(model, name: "validation")]) { done, total in
                observe(.validating(done: done, total: total))
                return !shouldStop()
            }
            guard let results else { return false }
            evaluation = results[0]
        }
        var isBest = false
        if let score = evaluation?.score, score > state.best?.score ?? -1 {
            state.best = TrainingState.Best(epoch: state.epoch, step: state.step, score: score)
            isBest = true
        }
        state.closedEpochs = state.epoch
        try save(as: isBest ? [.last, .best] : [.last])
        let epoch = TrainingEvent.Epoch(
            epoch: state.epoch, plannedEpochs: state.plannedEpochs, step: state.step, loss: epochLoss,
            validation: evaluation, isBest: isBest)
        try log.append(epoch.json(seconds: elapsed))
        observe(.closedEpoch(epoch))
        epochsDone += 1
        shortenToLimit()
        return true
    }

    /// Plans as many epochs as the limit of time allows, going by how long those of this process took.
    private func shortenToLimit() {
        guard let minutes = configuration.maxMinutes else { return }
        let planned = TrainingPlan.epochs(
            configured: state.plannedEpochs, done: state.closedEpochs,
            secondsPerEpoch: elapsed / Double(epochsDone), secondsLeft: minutes * 60 - elapsed)
        if planned < state.plannedEpochs {
            state.plannedEpochs = planned
            observe(.shortened(epochs: planned))
        }
    }
}
