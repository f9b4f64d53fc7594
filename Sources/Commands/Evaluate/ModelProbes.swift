private import Runtime
internal import SAM
internal import Shards
internal import Training

/// What is measured of a model beside its answers, for the page of an evaluation.
struct ModelProbes {
    let set: ShardSet
    let subset: EvaluationSubset
    let minObjectArea: Int

    /// - Parameter isFull: whether automatic masks and times are measured as well.
    /// - Throws: what reading records throws.
    func record(_ evaluation: Evaluation, of model: SAMModel, isFull: Bool) throws -> EvaluationRecord {
        EvaluationRecord(
            step: 0, epoch: 0, evaluation: evaluation,
            automatic: isFull
                ? try AutomaticMaskCheck.run(model, on: set, subset: subset, minObjectArea: minObjectArea) : nil,
            latency: isFull ? try LatencyProbe.run(model, on: set, subset: subset) : nil,
            seconds: evaluation.answerSeconds, peakMemoryBytes: ResourceUsage.peakMemoryBytes)
    }
}
