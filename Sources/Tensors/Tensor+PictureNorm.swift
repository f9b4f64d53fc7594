private import Kernels

extension Tensor {
    /// Normalisation of every picture as a whole: `(x - mean) / sqrt(var + epsilon) * weight[c] + bias[c]`, mean and variance
    /// over all pixels and channels of a picture. PyTorch's `GroupNorm` with one group.
    ///
    /// - Parameters:
    ///   - weight: [C], as is `bias`.
    ///   - bias: likewise.
    ///   - epsilon: added to the variance.
    /// - Returns: [B, H, W, C] of this tensor's [B, H, W, C].
    package func pictureNorm(weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
        precondition(
            rank == 4 && count > 0 && weight.shape == [shape[3]] && bias.shape == [shape[3]],
            "picture normalisation of \(shape) with a weight of \(weight.shape) and a bias of \(bias.shape)")
        let pass = PictureNorm(pictures: shape[0], pixels: shape[1] * shape[2], channels: shape[3])
        let statistics = Tensor(shape: [2, shape[0]]) { pass.statistics(of: base, epsilon: epsilon, into: $0) }
        let output = Tensor(shape: shape) {
            pass.forward(base, weight: weight.base, bias: bias.base, statistics: statistics.base, into: $0)
        }
        guard GradientRecording.isOn, [self, weight, bias].contains(where: { $0.node != nil }) else { return output }
        return output.recorded(from: [self, weight, bias]) {
            [
                kept = SavedTensor(self), keptWeight = weight.detached, node, weightNode = weight.node,
                biasNode = bias.node
            ] gradient in
            let input = kept.tensor
            let sums = Tensor(shape: [pass.pictures, 2, pass.channels]) {
                pass.sums(input.base, gradient: gradient.base, statistics: statistics.base, into: $0)
            }
            node?.accumulate(
                Tensor(shape: input.shape) {
                    pass.backward(
                        input.base, gradient: gradient.base, weight: keptWeight.base, statistics: statistics.base,
                        sums: sums.base, into: $0)
                })
            for (row, node) in [biasNode, weightNode].enumerated() {
                node?.accumulateBroadcast(
                    sums.sliced(axis: 1, range: row..<row + 1).reshaped([pass.pictures, pass.channels]))
            }
        }
    }
}

/// The passes of a normalisation over whole pictures.
///
/// Statistics are [2, B]: means, then reciprocal deviations.
private struct PictureNorm: Sendable {
    let pictures: Int
    let pixels: Int
    let channels: Int

    private var elements: Int { pixels * channels }

    func statistics(of input: UnsafePointer<Float>, epsilon: Float, into target: UnsafeMutablePointer<Float>) {
        BufferPool.withBuffer(channels) { sums in
            func mean() -> Double { (0..<channels).reduce(0.0) { $0 + Double(sums[$1]) } / Double(elements) }
            for picture in 0..<pictures {
                let x = input + picture * elements
                ElementLoop.columnSums(x, rows: pixels, columns: channels, into: sums, keep: 0)
                let centre = Float(mean())
                // From the mean, since the difference of two large sums would lose the variance.
                reducePixels(width: channels, into: sums) { pixel, partial in
                    let row = x + pixel * channels
                    for channel in 0..<channels {
                        let distance = row[channel] - centre
                        partial[channel] += distance * distance
                    }
                }
                target[picture] = centre
                target[pictures + picture] = Float(1 / (mean() + Double(epsilon)).squareRoot())
            }
        }
    }

    func forward(
        _ input: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
        statistics: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
    ) {
        forEachPixel { picture, start in
            let (mean, rstd) = (statistics[picture], statistics[pictures + picture])
            let (x, y) = (input + start, output + start)
            for channel in 0..<channels {
                y[channel] = (x[channel] - mean) * rstd * weight[channel] + bias[channel]
            }
        }
    }

    /// For each picture and channel the sums of `dy`, then of `dy (x - mean) rstd`: [B, 2, C].
    func sums(
        _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
        into target: UnsafeMutablePointer<Float>
    ) {
        for picture in 0..<pictures {
            let (mean, rstd) = (statistics[picture], statistics[pictures + picture])
            let (x, dy) = (input + picture * elements, gradient + picture * elements)
            reducePixels(width: 2 * channels, into: target + picture * 2 * channels) { pixel, partial in
                let (x, dy, products) = (x + pixel * channels, dy + pixel * channels, partial + channels)
                for channel in 0..<channels {
                    partial[channel] += dy[channel]
                    products[channel] += dy[channel] * ((x[channel] - mean) * rstd)
                }
            }
        }
    }

    /// `dx = rstd (w dy - mean(w dy) - xhat mean(w dy xhat))`, the means over a picture.
    func backward(
        _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, weight: UnsafePointer<Float>,
        statistics: UnsafePointer<Float>, sums: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
    ) {
        let means = (0..<2 * pictures).map { row in
            Float((0..<channels).reduce(0.0) { $0 + Double(weight[$1] * sums[row * channels + $1]) } / Double(elements))
        }
        forEachPixel { picture, start in
            let (mean, rstd) = (statistics[picture], statistics[pictures + picture])
            let (shift, slope) = (means[2 * picture], means[2 * picture + 1])
            let (x, dy, dx) = (input + start, gradient + start, output + start)
            for channel in 0..<channels {
                let normed = (x[channel] - mean) * rstd
                dx[channel] = rstd * (weight[channel] * dy[channel] - shift - normed * slope)
            }
        }
    }

    /// Calls `body` with each pixel's picture and first element.
    private func forEachPixel(_ body: (_ picture: Int, _ start: Int) -> Void) {
        ElementLoop.forEachRows(pictures * pixels, columns: channels) { range in
            for pixel in range { body(pixel / pixels, pixel * channels) }
        }
    }

    private func reducePixels(
        width: Int, into target: UnsafeMutablePointer<Float>,
        _ body: (_ pixel: Int, _ partial: UnsafeMutablePointer<Float>) -> Void
    ) {
        ElementLoop.reduceRows(pixels, columns: channels, width: width, into: target, keep: 0) { range, partial in
            for pixel in range { body(pixel, partial) }
        }
    }
}
