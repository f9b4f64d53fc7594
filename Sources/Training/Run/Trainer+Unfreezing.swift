internal import Tensors

extension Trainer {
    /// The factor of a parameter's learning rate at the next step: below 1 for one that joined of late, as the run's own
    /// warm-up had it for those from the start.
    func joiningFactor(_ parameter: Parameter) -> Double {
        if parameters.joinEpochs.isEmpty { return 1 }
        let warmup =
            configuration.unfreezeWarmupSteps ?? configuration.warmupSteps
            ?? plan.defaultWarmup(epochs: state.plannedEpochs)
        return parameters.rateScale(
            parameter.name, atStep: state.step, stepsPerEpoch: plan.stepsPerEpoch, warmupSteps: warmup)
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
