package import SAM

extension GradientBatch {
    /// The gradients of a run: its loss, its prompts, its way of keeping activations.
    ///
    /// - Throws: `TrainingError.configuration` where the model cannot be asked as configured.
    package init(_ model: SAMModel, configuration: TrainingConfiguration) throws(TrainingError) {
        try self.init(
            model, configuration: configuration, plan: PromptPlan(configuration, model: model.configuration))
    }

    /// The same with another plan.
    init(_ model: SAMModel, configuration: TrainingConfiguration, plan: PromptPlan) {
        self.init(
            model, objective: MaskObjective(configuration), plan: plan,
            isCheckpointing: configuration.checkpointActivations, precision: configuration.precision)
    }
}
