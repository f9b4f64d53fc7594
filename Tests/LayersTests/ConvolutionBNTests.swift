import Kernels
import Layers
import Runtime
import Tensors
import TestSupport
import Testing

/// A convolution with its normalisation: folded, apart, and what training moves.
@Suite struct ConvolutionBNTests {
    static let kinds: [ConvolutionBN.Kind] = [
        .pointwise, .spatial(stride: 1), .spatial(stride: 2), .depthwise(stride: 1), .depthwise(stride: 2),
    ]

    static func random(_ shape: [Int], _ range: Range<Double> = -1..<1, seed: UInt64) -> Tensor {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("convolution with normalisation"))
        return Tensor((0..<shape.reduce(1, *)).map { _ in Float(random.uniform(range)) }, shape: shape)
    }

    /// A layer of 6 channels (to 6) with weights and statistics that are not those of a new one.
    static func layer(_ kind: ConvolutionBN.Kind) -> ConvolutionBN {
        let layer = ConvolutionBN(
            "layer", kind, inputs: 6, outputs: 6, batchStatistics: BatchStatisticsSwitch(),
            from: WeightInitializer(seed: 1))
        layer.norm.weight.value = random([6], seed: 2)
        layer.norm.bias.value = random([6], seed: 3)
        layer.norm.runningMean.value = random([6], seed: 4)
        layer.norm.runningVariance.value = random([6], 0.3..<3, seed: 5)
        return layer
    }

    static let input = random([2, 5, 4, 6], seed: 6)

    /// The convolution alone, then the normalisation by its formula.
    static func apart(_ layer: ConvolutionBN, _ x: Tensor) -> [Double] {
        let plain =
            switch layer.kind {
            case .pointwise: x.linear(weight: layer.weight.value.reshaped([6, 6]), bias: nil)
            case .spatial(let stride): x.convolution3x3(weight: layer.weight.value, bias: nil, stride: stride)
            case .depthwise(let stride):
                x.depthwiseConvolution3x3(weight: layer.weight.value, bias: nil, stride: stride)
            }
        let norm = layer.norm
        return plain.values.enumerated().map { index, value in
            let channel = index % 6
            let deviation = (Double(norm.runningVariance.value.values[channel]) + 1e-5).squareRoot()
            return (Double(value) - Double(norm.runningMean.value.values[channel])) / deviation
                * Double(norm.weight.value.values[channel]) + Double(norm.bias.value.values[channel])
        }
    }

    @Test(arguments: kinds) func foldingChangesNothing(_ kind: ConvolutionBN.Kind) {
        let layer = Self.layer(kind)
        let expected = Self.apart(layer, Self.input)
        #expect(relativeError(GradientRecording.off { layer(Self.input) }.values, expected) < 1e-5)
        #expect(relativeError(layer(Self.input).values, expected) < 1e-5)
        layer.setTrainable(false)
        #expect(layer(Self.input).node == nil, "frozen parameters recorded something")
    }

    /// Whatever changes a weight, and however.
    @Test func foldsAgainWhenAWeightChanges() {
        let layer = Self.layer(.pointwise)
        layer.setTrainable(false)
        func first() -> Float { layer(Self.input).values[0] }
        var seen = [first()]
        #expect(first() == seen[0])
        for parameter in layer.parameters where !parameter.isCount {
            parameter.withMutableElements { $0[0] += 0.5 }
            seen.append(first())
            parameter.value = Self.random(parameter.shape, 0.5..<1.5, seed: 9)
            seen.append(first())
        }
        #expect(Set(seen).count == seen.count, "\(seen)")
    }

    /// A run on shapes alone leaves nothing behind that a later one would take for weights.
    @Test func simulationsKeepNothing() {
        let layer = Self.layer(.pointwise)
        layer.setTrainable(false)
        let expected = Self.apart(layer, Self.input)
        _ = MemorySimulation.peakBytes { _ = layer(Tensor(zeros: [2, 5, 4, 6])) }
        #expect(relativeError(layer(Self.input).values, expected) < 1e-5)
        layer.norm.batchStatistics.isOn = true
        layer.setTrainable(true)
        _ = MemorySimulation.peakBytes { backward(layer(Tensor(zeros: [2, 5, 4, 6])).sum()) }
        #expect(layer.norm.batchCount.value.scalar == 0)
    }

    /// `running = 0.9 running + 0.1 batch`, the variance unbiased; once for a checkpointed pass, never without recording.
    @Test(arguments: [false, true]) func runningStatisticsMove(_ isCheckpointing: Bool) {
        let layer = Self.layer(.pointwise)
        layer.norm.batchStatistics.isOn = true
        let mean = layer.norm.runningMean.value.values.map(Double.init)
        let variance = layer.norm.runningVariance.value.values.map(Double.init)
        _ = GradientRecording.off { layer(Self.input) }
        #expect(layer.norm.batchCount.value.scalar == 0)
        let output =
            isCheckpointing
            ? checkpointed(Self.input, parameters: layer.parameters) { layer($0) } : layer(Self.input)
        backward(output.sum())
        #expect(layer.norm.batchCount.value.scalar == 1)
        let plain = Self.input.linear(weight: layer.weight.value.reshaped([6, 6]), bias: nil).values.map(Double.init)
        for channel in 0..<6 {
            let own = stride(from: channel, to: plain.count, by: 6).map { plain[$0] }
            let average = own.reduce(0, +) / Double(own.count)
            let spread = own.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(own.count - 1)
            #expect(
                abs(Double(layer.norm.runningMean.value.values[channel]) - 0.9 * mean[channel] - 0.1 * average) < 1e-6)
            #expect(
                abs(Double(layer.norm.runningVariance.value.values[channel]) - 0.9 * variance[channel] - 0.1 * spread)
                    < 1e-6)
        }
    }

    /// The gradients of weight, factor and shift through the folding, against differences of the plain form.
    @Test(arguments: kinds) func gradientsThroughFoldingAreDerivatives(_ kind: ConvolutionBN.Kind) {
        let layer = Self.layer(kind)
        let seed = Self.random(layer(Self.input).shape, seed: 8)
        backward(layer(Self.input), seed: seed)
        func loss() -> Double {
            zip(Self.apart(layer, Self.input), seed.values).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        for parameter in [layer.weight, layer.norm.weight, layer.norm.bias] {
            guard let gradient = parameter.gradient?.values else {
                Issue.record("\(parameter.name) has no gradient")
                continue
            }
            let scale = gradient.reduce(Float(0.05)) { max($0, abs($1)) }
            for element in 0..<min(12, parameter.count) {
                func moved(_ offset: Float) -> Double {
                    let old = parameter.value
                    parameter.withMutableElements { $0[element] += offset }
                    defer { parameter.value = old }
                    return loss()
                }
                let slope = (moved(0.05) - moved(-0.05)) / 0.1
                #expect(
                    abs(Double(gradient[element]) - slope) < 2e-3 * Double(scale),
                    "\(parameter.name) \(element): \(gradient[element]), \(slope)")
            }
        }
    }
}
