internal import JSONText
internal import Metrics
internal import Runtime

/// What a run keeps of a model's evaluation, in `evaluation/before.json` and `evaluation/after.json`.
package struct EvaluationRecord: Sendable, Hashable {
    /// The version of the files that this code writes and reads.
    package static let schemaVersion = 1

    /// Optimiser steps and epochs that were done; 0 before the first.
    package var step: Int
    package var epoch: Int
    package var evaluation: Evaluation
    /// nil in what older runs have kept.
    package var automatic: AutomaticMaskCheck?
    package var latency: LatencyProbe?
    /// Time that all of it took, in seconds.
    package var seconds: Double
    /// The most memory that was resident at once until then.
    package var peakMemoryBytes: Int

    /// The most images and objects that were to be looked at; nil in what earlier versions have kept.
    package var limits: Limits?

    /// How much of a set is looked at, at most.
    package struct Limits: Sendable, Hashable {
        package let images: Int
        package let objects: Int

        package init(images: Int, objects: Int) {
            self.images = images
            self.objects = objects
        }
    }

    package init(
        step: Int, epoch: Int, evaluation: Evaluation, automatic: AutomaticMaskCheck?, latency: LatencyProbe?,
        seconds: Double, peakMemoryBytes: Int, limits: Limits? = nil
    ) {
        self.step = step
        self.epoch = epoch
        self.evaluation = evaluation
        self.automatic = automatic
        self.latency = latency
        self.seconds = seconds
        self.peakMemoryBytes = peakMemoryBytes
        self.limits = limits
    }
}
