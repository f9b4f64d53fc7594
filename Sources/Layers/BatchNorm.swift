private import Kernels
package import Tensors

/// Says for all batch normalisations of a model which statistics they use.
///
/// `@unchecked Sendable`: as ``Parameter``, changed by the one thread that trains a model, or only read.
package final class BatchStatisticsSwitch: @unchecked Sendable {
    /// Whether normalisations use their batch's own statistics, and move the running ones where a gradient is recorded;
    /// otherwise they use the running ones as they are.
    package var isOn = false

    package init() {}
}

/// Batch normalisation over all axes but the last, PyTorch's BatchNorm2d on pictures with channels last.
///
/// With running statistics it is `x factor + shift` for each channel, which a convolution before it can do itself.
package struct BatchNorm: Module {
    /// [C], at first 1.
    package let weight: Parameter
    /// [C], at first 0.
    package let bias: Parameter
    /// [C], at first 0; a buffer.
    package let runningMean: Parameter
    /// [C], at first 1; a buffer.
    package let runningVariance: Parameter
    /// [], how often the running statistics were moved; a buffer.
    package let batchCount: Parameter
    /// Of the model that this is part of.
    package let batchStatistics: BatchStatisticsSwitch

    /// Added to variances, PyTorch's default.
    package static let epsilon: Float = 1e-5
    /// How far running statistics move to the batch's at a time, PyTorch's default.
    package static let momentum: Float = 0.1

    /// - Parameters:
    ///   - name: path in a checkpoint, to which `.weight`, `.bias`, `.running_mean`, `.running_var` and
    ///     `.num_batches_tracked` are added.
    ///   - channels: C.
    ///   - initialWeight: 0 where a residual branch begins as nothing.
    package init(
        _ name: String, channels: Int, initialWeight: Float = 1, batchStatistics: BatchStatisticsSwitch,
        from initializer: WeightInitializer
    ) {
        weight = initializer.constant("\(name).weight", shape: [channels], initialWeight)
        bias = initializer.constant("\(name).bias", shape: [channels], 0)
        runningMean = initializer.constant("\(name).running_mean", shape: [channels], 0)
        runningVariance = initializer.constant("\(name).running_var", shape: [channels], 1)
        batchCount = Parameter(
            name: "\(name).num_batches_tracked", value: Tensor(0), isTrainable: false, isCount: true)
        self.batchStatistics = batchStatistics
        runningMean.isTrainable = false
        runningVariance.isTrainable = false
    }

    /// Normalises with the batch's own statistics; where a gradient is recorded, the running ones move towards them.
    ///
    /// A checkpointed pass runs twice and records once, so that they move once.
    ///
    /// - Parameter x: [..., C], more than one value a channel.
    package func withBatchStatistics(_ x: Tensor) -> Tensor {
        precondition(
            x.count > weight.count, "batch statistics of \(x.shape): a channel needs more than one value")
        let (output, statistics) = x.batchNorm(weight: weight.tensor, bias: bias.tensor, epsilon: Self.epsilon)
        if GradientRecording.isOn && MemorySimulation.current == nil { moveRunningStatistics(to: statistics) }
        return output
    }

    /// `running = 0.9 running + 0.1 batch`, the variance with divisor N - 1, as PyTorch.
    private func moveRunningStatistics(to statistics: BatchStatistics) {
        let unbiased = Float(statistics.count) / Float(statistics.count - 1)
        move(runningMean, to: statistics.mean, factor: 1)
        move(runningVariance, to: statistics.variance, factor: unbiased)
        batchCount.value = Tensor(batchCount.value.scalar + 1)
    }

    private func move(_ running: Parameter, to batch: Tensor, factor: Float) {
        let values = zip(running.value.values, batch.values).map { old, new in
            (1 - Self.momentum) * old + Self.momentum * (new * factor)
        }
        running.value = Tensor(values, shape: running.shape)
    }

    /// The factor and the shift of each channel by the running statistics: `weight / sqrt(var + epsilon)` and
    /// `bias - mean factor`, tied to the tape where weight or bias are trained.
    package func affine() -> (factor: Tensor, shift: Tensor) {
        let factor = weight.tensor * runningVariance.value.reciprocalDeviations(Self.epsilon)
        return (factor, bias.tensor - factor * runningMean.value)
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        body(weight)
        body(bias)
        body(runningMean)
        body(runningVariance)
        body(batchCount)
    }
}
