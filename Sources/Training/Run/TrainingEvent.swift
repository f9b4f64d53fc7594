/// What happens in a training run, as it happens.
package enum TrainingEvent: Sendable {
    /// The run begins, or goes on.
    case began(Beginning)
    /// An optimiser step is done.
    case stepped(Step)
    /// A step was left out, since a gradient was not finite or no image had an object.
    case skipped(Skip)
    /// A record of the shards cannot be read, and was left out.
    case leftOut(LeftOutRecord)
    /// The model is being validated: images done, of how many.
    case validating(done: Int, total: Int)
    /// An epoch is done, and validated where there is something to validate on.
    case closedEpoch(Epoch)
    /// The model was evaluated in full: before the first step, or after the last.
    case evaluated(Standing)
    /// The time is limited: the run is planned to have so many epochs.
    case planned(epochs: Int)
    /// Something that people should know: what the cache does, and what went wrong with it.
    case remarked(String)

    package struct Beginning: Sendable {
        /// Name of the model's architecture.
        package let modelName: String
        package let parameterCount: Int
        package let trainedParameterCount: Int
        /// Those of them that are in adapters beside the model.
        package let adapterParameterCount: Int
        /// Images that are trained on, and the labelled objects in them that are no crowds.
        package let imageCount: Int
        package let objectCount: Int
        /// Images that are validated on.
        package let validationImageCount: Int
        /// The objects by class.
        package let classes: ClassCensus
        /// Objects of a class in an epoch below which it is warned of.
        package let minPerClass: Int
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
        /// The rates of groups of parameters by name, where they differ.
        package let learningRates: [NamedNumber]
        /// Norm of all gradients before clipping.
        package let gradientNorm: Double
        /// Factor of the loss, with f16.
        package let lossScale: Double?
        /// Images of the step.
        package let images: Int
        /// Time of the step, in seconds.
        package let seconds: Double
    }

    package struct Skip: Sendable {
        /// Steps done, this one included, from 1.
        package let step: Int
        /// Epoch in progress, from 1.
        package let epoch: Int
        /// What was not finite, or that there was nothing to learn from.
        package let cause: String
        /// Factor of the loss from now on, with f16.
        package let lossScale: Double?
        /// Images of the step.
        package let images: Int
        /// Time of the step, in seconds.
        package let seconds: Double
    }

    package struct Standing: Sendable {
        /// Which model was evaluated.
        package enum Moment: String, Sendable, Hashable {
            /// The one that training began with.
            case start
            /// The best checkpoint.
            case end
        }

        package let moment: Moment
        /// Steps and epochs that the model was trained; 0 at the start.
        package let step: Int
        package let epoch: Int
        package let evaluation: Evaluation
        /// Whether all validation objects were looked at, as validations do, or as many as the report is limited to.
        package let isOfWholeSet: Bool
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
        /// Share of the steps' time in which the training thread waited for examples, 0...1.
        package let loaderWait: Double
        /// Images that were encoded for the cache meanwhile; 0 without one.
        package let encodedImages: Int
    }
}
