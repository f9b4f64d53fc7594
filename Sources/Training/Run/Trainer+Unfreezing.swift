internal import Layers
internal import Tensors

extension Trainer {
    /// Slows down the parameters that joined of late, as the run's own warm-up did those from the start.
    func warmUpJoined() {
        if parameters.joinEpochs.isEmpty { return }
        let warmup =
            configuration.unfreezeWarmupSteps ?? configuration.warmupSteps
            ?? plan.defaultWarmup(epochs: state.plannedEpochs)
        for index in optimizer.groups.indices {
            guard let name = optimizer.groups[index].parameters.first?.name else { continue }
            optimizer.groups[index].learningRateScale = Float(
                parameters.rateScale(
                    name, atStep: state.step, stepsPerEpoch: plan.stepsPerEpoch, warmupSteps: warmup))
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
