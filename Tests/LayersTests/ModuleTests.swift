import KernelABI
import Layers
import Runtime
import Tensors
import Testing

@Suite struct ModuleTests {
    @Test func namesAndShapes() {
        let initializer = WeightInitializer(seed: 3)
        let mlp = MLP(
            [
                Linear("block.mlp.lin1", inputs: 4, outputs: 8, from: initializer),
                Linear("block.mlp.lin2", inputs: 8, outputs: 3, hasBias: false, from: initializer),
            ], activation: .gelu)
        #expect(
            mlp.parameters.map(\.name) == ["block.mlp.lin1.weight", "block.mlp.lin1.bias", "block.mlp.lin2.weight"])
        #expect(mlp.parameters.map(\.shape) == [[8, 4], [8], [3, 8]])
        #expect(mlp(Tensor(zeros: [2, 5, 4])).shape == [2, 5, 3])

        let picture = Tensor(zeros: [1, 4, 6, 3])
        #expect(
            PatchConvolution("c", inputs: 3, outputs: 5, size: 2, from: initializer)(picture).shape == [1, 2, 3, 5])
        #expect(Convolution3x3("c", inputs: 3, outputs: 5, from: initializer)(picture).shape == [1, 4, 6, 5])
        #expect(
            TransposedConvolution2x2("c", inputs: 3, outputs: 5, from: initializer)(picture).shape == [1, 8, 12, 5])
        #expect(LayerNorm("n", channels: 3, epsilon: 1e-6, from: initializer)(picture).shape == [1, 4, 6, 3])
    }

    /// A weight depends on seed and name alone, and lies where its distribution says.
    @Test func firstValues() {
        let initializer = WeightInitializer(seed: 3)
        let uniform = initializer.fanInUniform("w", shape: [1000], fanIn: 16)
        #expect(
            uniform.value.values == WeightInitializer(seed: 3).fanInUniform("w", shape: [1000], fanIn: 16).value.values)
        #expect(uniform.value.values != initializer.fanInUniform("v", shape: [1000], fanIn: 16).value.values)
        #expect(uniform.value.values.allSatisfy { abs($0) <= 0.25 })
        let mean = uniform.value.total / 1000
        #expect(abs(mean) < 0.02 && abs(uniform.value.sumOfSquares / 1000 - 0.25 * 0.25 / 3) < 0.003)
        let truncated = initializer.truncatedNormal("t", shape: [1000], deviation: 0.02)
        #expect(truncated.value.values.allSatisfy { abs($0) <= 0.04 })
        // The variance of a normal distribution cut at two deviations is 0.774 of the whole one's.
        #expect(abs(truncated.value.sumOfSquares / 1000 / 0.0004 - 0.774) < 0.1)
        #expect(WeightInitializer.zero.normal("w", shape: [9]).value.values.allSatisfy { $0 == 0 })
    }

    /// Frozen parameters record nothing, and get no gradient; the others do.
    @Test func frozenPartsRecordNothing() {
        let initializer = WeightInitializer(seed: 3)
        let first = Linear("first", inputs: 4, outputs: 4, from: initializer)
        let second = Linear("second", inputs: 4, outputs: 2, from: initializer)
        let x = Tensor(repeating: 1, shape: [3, 4])
        first.setTrainable(false)
        let hidden = first(x)
        #expect(hidden.node == nil)
        backward(second(hidden).sum())
        #expect(first.parameters.allSatisfy { $0.gradient == nil })
        #expect(second.parameters.allSatisfy { $0.gradient != nil })

        second.setTrainable(false)
        #expect(second(hidden).node == nil)
        second.setTrainable(true)
        #expect(GradientRecording.off { second(hidden) }.node == nil)
    }

    /// The fused activation of inference and the recorded one of training agree.
    @Test func fusedActivationAgrees() {
        let initializer = WeightInitializer(seed: 4)
        for activation in [Activation.relu, .gelu] {
            let mlp = MLP(
                [
                    Linear("a", inputs: 5, outputs: 37, from: initializer),
                    Linear("b", inputs: 37, outputs: 3, from: initializer),
                ], activation: activation)
            let x = Tensor((0..<35).map { Float($0) / 17 - 1 }, shape: [7, 5])
            let recorded = mlp(x)
            let fused = GradientRecording.off { mlp(x) }
            #expect(recorded.node != nil && fused.node == nil)
            #expect(relativeError(fused.values, recorded.values.map { Double($0) }) < 1e-6)
        }
    }
}
