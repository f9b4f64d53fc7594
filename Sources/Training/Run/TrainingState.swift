package import JSONText
internal import Runtime

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
    /// Optimiser steps done.
    package var step = 0
    /// Epochs done; the one in progress has this number, from 0.
    package var epoch = 0
    /// Images of the epoch in progress that are done.
    package var imagesInEpoch = 0
    /// Sum of the loss over those of them that had objects, and their number.
    package var lossSum = 0.0
    package var lossImages = 0
    /// Epochs after whose end validation and bookkeeping are done as well.
    package var closedEpochs = 0
    /// Epochs that the learning-rate schedule spans; fewer than configured when the time is limited.
    package var plannedEpochs: Int
    /// The best validation, when there was one.
    package var best: Best?

    package init(plannedEpochs: Int, data: String) {
        self.plannedEpochs = plannedEpochs
        self.data = data
    }
}

extension TrainingState {
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

// MARK: JSON

extension TrainingState {
    /// The state as JSON, members in a fixed order.
    package var json: JSONValue {
        .object([
            "schema_version": .integer(Int64(Self.schemaVersion)), "data": .string(data), "step": .integer(Int64(step)),
            "epoch": .integer(Int64(epoch)), "images_in_epoch": .integer(Int64(imagesInEpoch)),
            "loss_sum": .number(lossSum), "loss_images": .integer(Int64(lossImages)),
            "closed_epochs": .integer(Int64(closedEpochs)),
            "planned_epochs": .integer(Int64(plannedEpochs)),
            "best": best.map { best in
                .object([
                    "epoch": .integer(Int64(best.epoch)), "step": .integer(Int64(best.step)),
                    "score": .number(best.score),
                ])
            } ?? .null,
        ])
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `TrainingError.checkpoint` for a missing or impossible member.
    package init(json: JSONValue, path: String) throws(TrainingError) {
        func whole(_ name: String, of value: JSONValue) throws(TrainingError) -> Int {
            guard let number = value[name]?.int, number >= 0 else {
                throw TrainingError(
                    .checkpoint, "'\(name)' must be a whole number of at least 0",
                    at: DataLocation(path: path, keyPath: name))
            }
            return number
        }
        let version = try whole("schema_version", of: json)
        guard version == Self.schemaVersion else {
            throw TrainingError(
                .checkpoint, "has schema version \(version); this samdata reads version \(Self.schemaVersion)",
                at: DataLocation(path: path))
        }
        guard let data = json["data"]?.string else {
            throw TrainingError(
                .checkpoint, "'data' must be a text", at: DataLocation(path: path, keyPath: "data"))
        }
        self.data = data
        plannedEpochs = try whole("planned_epochs", of: json)
        step = try whole("step", of: json)
        epoch = try whole("epoch", of: json)
        imagesInEpoch = try whole("images_in_epoch", of: json)
        closedEpochs = try whole("closed_epochs", of: json)
        guard let sum = json["loss_sum"]?.double, sum.isFinite else {
            throw TrainingError(
                .checkpoint, "'loss_sum' must be a number", at: DataLocation(path: path, keyPath: "loss_sum"))
        }
        lossSum = sum
        lossImages = try whole("loss_images", of: json)
        if let value = json["best"], !value.isNull {
            guard let score = value["score"]?.double else {
                throw TrainingError(
                    .checkpoint, "'score' must be a number", at: DataLocation(path: path, keyPath: "best.score"))
            }
            best = Best(epoch: try whole("epoch", of: value), step: try whole("step", of: value), score: score)
        }
    }
}
