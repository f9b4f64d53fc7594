package import Layers
internal import Runtime
internal import SAM

/// Where a training run stands: what `state.json` of a checkpoint holds.
///
/// Nothing in it depends on the clock, so that a run that was interrupted writes the same bytes as one that was not.
package struct TrainingState: Sendable, Hashable {
    /// The version of `state.json` that this code writes and reads.
    package static let schemaVersion = 1

    /// The best validation so far.
    package struct Best: Sendable, Hashable {
        /// Epochs that were done, from 1.
        package var epoch: Int
        /// Optimiser steps that were done.
        package var step: Int
        /// Mean of the mean IoU with boxes and with points, 0...1.
        package var score: Double

        package init(epoch: Int, step: Int, score: Double) {
            self.epoch = epoch
            self.step = step
            self.score = score
        }
    }

    /// SHA-256 of the shards' digests: training goes on only on the data that it began with.
    package let data: String
    /// The same of the shards to train on and of those to validate on, by which is told what differs; nil in a state that an
    /// earlier version wrote.
    package var parts: DataDigests?
    /// ``SAMModel/weightsDigest`` of the model that training began with; nil in a state that an earlier version wrote.
    package var startDigest: String?
    /// What the checkpoint's other files held when they were written; empty in a state that an earlier version wrote.
    package var files: [FileSum] = []
    /// Optimiser steps done.
    package var step = 0
    /// Epochs done; the one in progress has this number, from 0.
    package var epoch = 0
    /// Images of the epoch in progress that are done.
    package var imagesInEpoch = 0
    /// Sum of the loss over their objects, and the number of these.
    package var lossSum = 0.0
    package var lossObjects = 0
    /// Epochs after whose end validation and bookkeeping are done as well.
    package var closedEpochs = 0
    /// Epochs that the learning-rate schedule spans; fewer than configured when the time is limited.
    package var plannedEpochs: Int
    /// The best validation, when there was one.
    package var best: Best?
    /// Validations since then: none of them was better.
    package var staleValidations = 0
    /// How a learning rate that falls after plateaus stands; nil for other courses.
    package var plateau: Plateau?
    /// The factor of the loss with f16; nil for other formats.
    package var lossScale: LossScale?
    /// Steps that were left out with f16, since a gradient was not finite.
    package var skippedSteps = 0
    /// Steps of which no image had an object to learn from.
    package var emptySteps = 0
    /// Records that were left out, since they cannot be read, in the order in which they came up.
    package var leftOut: [LeftOutRecord] = []
    /// Activations that were beyond the range of f16 and kept as its largest number instead.
    package var saturatedActivations = 0

    package init(plannedEpochs: Int, data: String) {
        self.plannedEpochs = plannedEpochs
        self.data = data
    }
}

extension TrainingState {
    /// Demands that the shards are those that the run began with; their folders may have moved.
    ///
    /// - Throws: `TrainingError.checkpoint` that says which of them differ.
    func check(against data: TrainingData, configuration: TrainingConfiguration) throws(TrainingError) {
        if self.data == data.digest {
            guard let then = parts?.choice, then != data.parts.choice else { return }
            throw TrainingError(
                .checkpoint,
                "the shards are those that the run began with, but manifest.json says other things of their records (or of those to "
                    + "validate on) than it did then: how many objects they have, or how often an epoch shows them; train into "
                    + "another folder instead",
                at: DataLocation(path: configuration.shards))
        }
        let isOther = (
            train: parts.map { $0.train != data.parts.train },
            validation: parts.map { $0.validation != data.parts.validation }
        )
        let what: String
        var path = configuration.shards
        switch isOther {
        case (true?, false?): what = "the shards to train on are not those that the run began with"
        case (false?, true?):
            path = configuration.val ?? path
            if parts?.validation == nil {
                what = "the run began without shards to validate on (val)"
            } else if configuration.val == nil {
                what = "the run began with shards to validate on (val), and there are none"
            } else {
                what = "the shards to validate on (val) are not those that the run began with"
            }
        case (true?, true?):
            what = "neither the shards to train on nor those to validate on (val) are those that the run began with"
        default:
            what = "the shards to train on, or those to validate on (val), are not those that the run began with"
        }
        throw TrainingError(
            .checkpoint, what + "; train into another folder instead", at: DataLocation(path: path))
    }

    /// The model that training began with, once more.
    ///
    /// - Throws: `TrainingError.checkpoint` where the weights are others, or nobody knows; what reading them throws.
    func startingModel(_ configuration: TrainingConfiguration) throws -> SAMModel {
        let path = configuration.weights.map { DataLocation(path: $0) }
        guard let startDigest else {
            throw TrainingError(
                .checkpoint, "a run of an earlier version does not say which weights it began with", at: path)
        }
        let start = try AdapterStart(configuration)
        let model = try ModelSource(configuration).model(expecting: configuration.model, adapter: start?.mergedPath)
        guard model.weightsDigest == startDigest else {
            throw TrainingError(
                .checkpoint,
                "the run has another weights than these, which are not those that training began with; a run goes on as it began",
                at: path)
        }
        return model
    }

    /// Demands that the numbers are possible for a run, and agree with each other.
    ///
    /// - Throws: `TrainingError.checkpoint` that names the rule.
    func check(against plan: TrainingPlan, path: String) throws(TrainingError) {
        let limit = 1_000_000
        let rules: [(Bool, String)] = [
            (epoch <= limit && plannedEpochs <= limit, "no run has more than \(limit) epochs"),
            (
                closedEpochs == epoch || closedEpochs == epoch - 1 && imagesInEpoch == 0,
                "closed_epochs is \(closedEpochs), which does not fit epoch \(epoch)"
            ),
            (
                imagesInEpoch < plan.images && imagesInEpoch % plan.imagesPerStep == 0,
                "images_in_epoch is \(imagesInEpoch), which is not a number of whole steps within \(plan.images) images"
            ),
        ]
        for (holds, message) in rules where !holds {
            throw TrainingError(.checkpoint, message, at: DataLocation(path: path))
        }
        let expected = plan.steps(epochs: epoch) + imagesInEpoch / plan.imagesPerStep
        guard step == expected else {
            throw TrainingError(
                .checkpoint, "step is \(step), but so many epochs and images are \(expected) steps",
                at: DataLocation(path: path, keyPath: "step"))
        }
    }
}
