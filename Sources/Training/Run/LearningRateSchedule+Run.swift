package import Layers

extension LearningRateSchedule {
    /// The learning rates of a run of so many epochs, without the factor of a plateau.
    ///
    /// - Parameter epochs: as they are planned now, so that the rate still falls where the time is limited.
    package init(_ configuration: TrainingConfiguration, plan: TrainingPlan, epochs: Int) {
        let total = plan.steps(epochs: epochs)
        let end = configuration.finalLearningRate
        let decay: Decay =
            switch configuration.schedule {
            case .cosine: .cosine(finalFraction: end)
            case .constant, .plateau: .constant
            case .polynomial: .polynomial(power: configuration.polynomialPower, finalFraction: end)
            case .step: .steps(at: configuration.stepsAt, factor: configuration.stepFactor)
            case .oneCycle: .oneCycle(finalFraction: end)
            }
        // One cycle rises by itself.
        let usual = configuration.schedule == .oneCycle ? 0 : plan.defaultWarmup(epochs: epochs)
        self.init(
            baseRate: configuration.resolvedLearningRate,
            // A run that is shortened still has to leave its warm-up behind.
            warmupSteps: min(configuration.warmupSteps ?? usual, total / 2), totalSteps: total, decay: decay)
    }
}
