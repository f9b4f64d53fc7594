internal import Tensors

extension Trainer {
    /// The factor of a parameter's learning rate at the next step: below 1 for one that joined of late, as the run's own
    /// warm-up had it for those from the start.
    func joiningFactor(_ parameter: Parameter) -> Double {
        if parameters.joinEpochs.isEmpty { return 1 }
        // However short the run: what joins has no moments yet, and its first gradients are large.
        let warmup =
            configuration.unfreezeWarmupSteps ?? configuration.warmupSteps
            ?? max(plan.defaultWarmup(epochs: state.plannedEpochs), min(10, plan.stepsPerEpoch))
        return parameters.rateScale(
            parameter.name, atStep: state.step, stepsPerEpoch: plan.stepsPerEpoch, warmupSteps: warmup)
    }

    /// What joined of late and is still warming up, by its epoch: factors of the learning rate as the next step has them.
    var joiningScales: [NamedNumber] {
        parameters.joinEpochs.compactMap { epoch in
            guard epoch <= state.epoch,
                let parameter = parameters.all.first(where: { parameters.joinEpoch($0.name) == epoch })
            else { return nil }
            let factor = joiningFactor(parameter)
            return factor < 1 ? NamedNumber(name: "joined after epoch \(epoch)", number: factor) : nil
        }
    }

    /// Demands that what joins later joins before the run ends.
    ///
    /// - Throws: `TrainingError.configuration` that names the epoch.
    func checkUnfreezing() throws(TrainingError) {
        guard let late = parameters.joinEpochs.last, late >= configuration.epochs else { return }
        throw TrainingError(
            .configuration,
            "unfreeze: the run has only \(configuration.epochs) epochs, so that what joins at the end of epoch \(late) would "
                + "never be trained")
    }
}
