/// What happens in a training run, as it happens.
package enum TrainingEvent: Sendable {
    /// The run begins, or goes on.
    case began(Beginning)
    /// An optimiser step is done.
    case stepped(Step)
    /// The model is being validated: images done, of how many.
    case validating(done: Int, total: Int)
    /// An epoch is done, and validated where there is something to validate on.
    case closedEpoch(Epoch)
    /// The time is limited: the run is planned to have so many epochs.
    case planned(epochs: Int)

    package struct Beginning: Sendable {
        /// Name of the model's architecture.
        package let modelName: String
        package let parameterCount: Int
        package let trainedParameterCount: Int
        /// Those of them that are in adapters beside the model.
        package let adapterParameterCount: Int
        /// Images that are trained on, and the labelled objects in them, crowds included.
        package let imageCount: Int
        package let objectCount: Int
        /// Images that are validated on.
        package let validationImageCount: Int
        /// Where the run goes on; all zero for a new one.
        package let state: TrainingState
        /// What the run will need of memory.
        package let memory: MemoryPlan
        /// Steps in all.
        package let totalSteps: Int
    }

    package struct Step: Sendable {
        /// Steps done, from 1.
        package let step: Int
        package let totalSteps: Int
        /// Epoch in progress, from 1.
        package let epoch: Int
        /// The step's loss.
        package let terms: LossTerms
        package let learningRate: Double
        /// Norm of all gradients before clipping.
        package let gradientNorm: Double
        /// Images of the step.
        package let images: Int
        /// Time of the step, in seconds.
        package let seconds: Double
    }

    package struct Epoch: Sendable {
        /// Epochs done, from 1.
        package let epoch: Int
        package let plannedEpochs: Int
        /// Steps done.
        package let step: Int
        /// The epoch's mean loss.
        package let loss: Double
        /// On the validation set, when there is one.
        package let validation: Evaluation?
        /// Whether it is the best so far.
        package let isBest: Bool
    }
}
