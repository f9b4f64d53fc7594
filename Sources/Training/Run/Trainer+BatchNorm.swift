internal import Layers
internal import SAM
internal import Tensors

extension SAMModel {
    /// Whether a run's normalisations use their batch's statistics: asked for, there are some, and a part of their encoder is
    /// trained at this time.
    func usesBatchStatistics(_ configuration: TrainingConfiguration) -> Bool {
        configuration.batchNorm == .batch && imageEncoder.hasBatchNorms && imageEncoder.frozenDepth != .features
    }
}

extension Trainer {
    /// Runs a step's passes with the statistics that the run asks for; whatever is evaluated between steps has the running ones.
    func withBatchStatistics<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        guard model.usesBatchStatistics(configuration) else { return try body() }
        model.imageEncoder.usesBatchStatistics = true
        defer { model.imageEncoder.usesBatchStatistics = false }
        return try body()
    }

    /// What passes move beside gradients, as it is now: empty where the run's normalisations are frozen.
    var runningStatistics: [(parameter: Parameter, value: Tensor)] {
        guard model.usesBatchStatistics(configuration) else { return [] }
        let names = ["running_mean", "running_var", "num_batches_tracked"]
        return model.imageEncoder.parameters.filter { parameter in
            names.contains { parameter.name.hasSuffix(".bn." + $0) }
        }.map { ($0, $0.value) }
    }

    /// Demands that running statistics that move are kept.
    ///
    /// - Throws: `TrainingError.configuration` in a run with adapters, whose files hold what is trained alone.
    func checkBatchNorm() throws(TrainingError) {
        guard configuration.batchNorm == .batch, model.imageEncoder.hasBatchNorms, !parameters.updates.isEmpty,
            model.imageEncoder.frozenDepth != .features || !configuration.unfreeze.isEmpty
        else { return }
        throw TrainingError(
            .configuration,
            "batch-norm: batch moves the running statistics of the encoder, which an adapter's file does not hold; leave it at "
                + "frozen, or train without adapters")
    }
}
