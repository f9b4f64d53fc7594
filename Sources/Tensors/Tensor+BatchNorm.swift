internal import KernelABI
private import Kernels

/// What a batch normalisation found in its input, channel by channel.
package struct BatchStatistics: Sendable {
    /// [C]
    package let mean: Tensor
    /// [C], with divisor `count`.
    package let variance: Tensor
    /// Values of a channel.
    package let count: Int
}

extension Tensor {
    /// Batch normalisation over all axes but the last: `(x - mean) / sqrt(var + epsilon) * weight + bias`, mean and variance
    /// (with divisor N) of each channel over the N values in this tensor.
    ///
    /// Sums run over chunks of rows, then over the chunks in their order. Source: Ioffe and Szegedy, "Batch normalization",
    /// ICML 2015.
    ///
    /// - Parameters:
    ///   - weight: [C].
    ///   - bias: [C].
    /// - Returns: the result, and the statistics for running means.
    package func batchNorm(
        weight: Tensor, bias: Tensor, epsilon: Float
    ) -> (output: Tensor, statistics: BatchStatistics) {
        let channels = lastSize
        precondition(
            weight.shape == [channels] && bias.shape == [channels] && rowCount >= 1,
            "batch normalisation of \(shape) needs a weight and a bias of [\(channels)], not \(weight.shape), \(bias.shape)"
        )
        let statistics = batchStatistics()
        let scale = statistics.variance.reciprocalDeviations(epsilon)
        let output = Tensor(shape: shape) { output in
            let kernels = ElementLoop.kernels
            ElementLoop.forEachRows(rowCount, columns: channels) { rows in
                for row in rows {
                    let y = output + row * channels
                    kernels.subtract(base + row * channels, statistics.mean.base, y, channels)
                    kernels.multiply(y, scale.base, y, channels)
                    kernels.multiply(y, weight.base, y, channels)
                    kernels.add(y, bias.base, y, channels)
                }
            }
        }
        guard GradientRecording.isOn, node != nil || weight.node != nil || bias.node != nil else {
            return (output, statistics)
        }
        let tied = output.recorded(from: [self, weight, bias]) {
            [
                kept = SavedTensor(self), keptWeight = weight.detached, node, weightNode = weight.node,
                biasNode = bias.node
            ] gradient in
            let x = kept.tensor
            let sums = x.batchNormSums(gradient, statistics, scale)
            if let node {
                node.accumulate(
                    x.batchNormInputGradient(gradient, statistics, factors: keptWeight * scale, scale, sums))
            }
            weightNode?.accumulate(sums.sliced(axis: 0, range: 0..<1).reshaped([channels]))
            biasNode?.accumulate(sums.sliced(axis: 0, range: 1..<2).reshaped([channels]))
        }
        return (tied, statistics)
    }

    /// `1 / sqrt(x + epsilon)`, not recorded.
    package func reciprocalDeviations(_ epsilon: Float) -> Tensor {
        Tensor(shape: shape) { output in
            for index in 0..<count { output[index] = 1 / (base[index] + epsilon).squareRoot() }
        }
    }

    private func batchStatistics() -> BatchStatistics {
        let (rowCount, channels) = (rowCount, lastSize)
        let kernels = ElementLoop.kernels
        let mean = Tensor(shape: [channels]) { target in
            ElementLoop.columnSums(base, rows: rowCount, columns: channels, into: target, keep: 0)
            kernels.scaleAdd(1 / Float(rowCount), target, 0, target, channels)
        }
        // The squares of differences: those of the values themselves would round a small variance away.
        let variance = Tensor(shape: [channels]) { target in
            ElementLoop.reduceRows(rowCount, columns: channels, width: channels, into: target, keep: 0) {
                rows, partial in
                BufferPool.withBuffer(channels) { difference in
                    for row in rows {
                        kernels.subtract(base + row * channels, mean.base, difference, channels)
                        kernels.multiply(difference, difference, difference, channels)
                        kernels.add(partial, difference, partial, channels)
                    }
                }
            }
            kernels.scaleAdd(1 / Float(rowCount), target, 0, target, channels)
        }
        return BatchStatistics(mean: mean, variance: variance, count: rowCount)
    }

    /// [2, C]: for each channel the sum of the gradient times the normalised input, and of the gradient itself.
    private func batchNormSums(_ gradient: Tensor, _ statistics: BatchStatistics, _ scale: Tensor) -> Tensor {
        let (rowCount, channels) = (rowCount, lastSize)
        let kernels = ElementLoop.kernels
        return Tensor(shape: [2, channels]) { target in
            ElementLoop.reduceRows(rowCount, columns: channels, width: 2 * channels, into: target, keep: 0) {
                rows, partial in
                BufferPool.withBuffer(channels) { product in
                    for row in rows {
                        let slope = gradient.base + row * channels
                        kernels.subtract(base + row * channels, statistics.mean.base, product, channels)
                        kernels.multiply(product, scale.base, product, channels)
                        kernels.multiply(product, slope, product, channels)
                        kernels.add(partial, product, partial, channels)
                        kernels.add(partial + channels, slope, partial + channels, channels)
                    }
                }
            }
        }
    }

    /// `factors (dy - mean(dy) - x̂ mean(dy x̂))`, x̂ the normalised input.
    private func batchNormInputGradient(
        _ gradient: Tensor, _ statistics: BatchStatistics, factors: Tensor, _ scale: Tensor, _ sums: Tensor
    ) -> Tensor {
        let (rowCount, channels) = (rowCount, lastSize)
        let kernels = ElementLoop.kernels
        let means = sums.scaled(by: 1 / Float(rowCount))
        // What a difference from the mean is multiplied with.
        let inputFactors = scale * means.sliced(axis: 0, range: 0..<1).reshaped([channels])
        return Tensor(shape: shape) { target in
            ElementLoop.forEachRows(rowCount, columns: channels) { rows in
                BufferPool.withBuffer(channels) { slope in
                    for row in rows {
                        let dx = target + row * channels
                        kernels.subtract(base + row * channels, statistics.mean.base, dx, channels)
                        kernels.multiply(dx, inputFactors.base, dx, channels)
                        kernels.subtract(
                            gradient.base + row * channels, means.base + channels, slope, channels)
                        kernels.subtract(slope, dx, dx, channels)
                        kernels.multiply(dx, factors.base, dx, channels)
                    }
                }
            }
        }
    }
}
