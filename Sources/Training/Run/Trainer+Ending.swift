internal import Layers
internal import Runtime
internal import SAM

extension Trainer {
    /// Whether so many validations in a row were no better than the best one that it is time to end.
    var isOutOfPatience: Bool { configuration.patience.map { state.staleValidations >= $0 } ?? false }

    /// Why a run ends that was not told to stop.
    var ending: TrainingOutcome.Ending {
        if isOutOfPatience && state.closedEpochs < state.plannedEpochs { return .outOfPatience }
        return state.plannedEpochs < configuration.epochs ? .outOfTime : .finished
    }

    /// Demands that a run that is over has taught something.
    ///
    /// - Throws: `TrainingError.notFinite` when every step of it was left out, as f16 overflowed.
    func checkTaught() throws(TrainingError) {
        guard state.skippedSteps > 0, state.skippedSteps + state.emptySteps == state.step,
            let scale = state.lossScale?.scale
        else { return }
        throw TrainingError(
            .notFinite,
            "nothing was trained: all \(state.skippedSteps) steps were skipped, as their scaled gradients were not finite. The loss scale fell to "
                + "\(ConfigurationNumber.text(scale)) meanwhile; `--resume` with more --epochs goes on from there. A new run may "
                + "begin with a loss-scale far below \(ConfigurationNumber.text(configuration.lossScale)), or take --precision bf16, "
                + "which has the range of f32", at: DataLocation(path: folder.path))
    }

    /// What to say of a run before it begins, besides keys without effect.
    var standingRemarks: [String] {
        var remarks = reservations.map { "warning: \($0)" }
        if !configuration.loss.shapesMasks {
            remarks.append(
                "the loss has no term of the masks (focal, dice, bce, boundary, tversky): it teaches to predict their IoU, and masks "
                    + "change with whatever else is trained; train-only: [mask_decoder.iou_prediction_head] leaves them as they are"
            )
        }
        let encoder = model.imageEncoder
        if let remark = configuration.uncachedRemark(
            frozenDepth: encoder.frozenDepth, hasBatchNorms: encoder.hasBatchNorms)
        {
            remarks.append(remark)
        }
        return remarks
    }

    /// Whether images that are validated on are trained on as well.
    func findReservations() -> [String] {
        guard let validation else { return [] }
        if let parts = state.parts, parts.train == parts.validation {
            return ["the shards to validate on (val) are those that are trained on: no figure tells of other images"]
        }
        return SharedImages(shards, validation).map { [$0.sentence] } ?? []
    }

    /// Begins a run that has a folder and a configuration, and was ended before its first checkpoint.
    static func beginningAnew(_ configuration: TrainingConfiguration, in folder: RunFolder) throws -> Trainer {
        let trainer = try prepared(configuration, in: folder)
        try trainer.writeBase()
        try folder.rewrite(trainer.configuration)
        return trainer
    }

    /// Keeps the random weights that adapters belong to.
    func writeBase() throws {
        if adapter != nil && configuration.weights == nil { try SAMCheckpoint.write(model, to: folder.basePath) }
    }
}

extension TrainingState {
    /// The state of a run that begins.
    ///
    /// - Parameter start: digest of the model that training begins with.
    init(_ configuration: TrainingConfiguration, data: TrainingData, start: String) {
        self.init(plannedEpochs: configuration.epochs, data: data.digest)
        parts = data.parts
        startDigest = start
        if configuration.schedule == .plateau { plateau = .init() }
        if configuration.precision == .f16 { lossScale = .init(scale: configuration.lossScale) }
    }
}

extension TrainingConfiguration {
    /// Demands something to validate on where a choice depends on it.
    ///
    /// - Throws: `TrainingError.configuration` that names the key.
    func checkValidation() throws(TrainingError) {
        if let address = mlflowURL {
            guard track.contains(.mlflow) else {
                throw TrainingError(
                    .configuration, "mlflow-url is the address of a server, but track does not name mlflow")
            }
            do {
                _ = try HTTPAddress(address)
            } catch {
                throw TrainingError(.configuration, "mlflow-url: \(error.message)")
            }
        }
        guard val == nil else { return }
        let needs = [(schedule == .plateau, "schedule: plateau"), (patience != nil, "patience")]
        for (isAsked, name) in needs where isAsked {
            throw TrainingError(
                .configuration, "\(name) goes by the validation, and there is none; name shards to validate on (val)")
        }
    }
}
