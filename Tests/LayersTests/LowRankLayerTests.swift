import KernelABI
import Layers
import Tensors
import TestSupport
import Testing

/// Layers with updates of low rank at their weights.
@Suite struct LowRankLayerTests {
    private static func tensor(_ shape: [Int], seed: UInt64) -> Tensor {
        WeightInitializer(seed: seed).normal("t", shape: shape).value
    }

    private static func attach(to layer: Linear, seed: UInt64) -> LowRankUpdate {
        let shape = layer.weight.shape
        let update = LowRankUpdate(
            a: Parameter(name: layer.weight.name + ".a", value: tensor([2, shape[1]], seed: seed)),
            b: Parameter(name: layer.weight.name + ".b", value: tensor([shape[0], 2], seed: seed + 1)),
            rows: [0..<shape[0]], scale: 0.1)
        layer.setTrainable(false)
        layer.weight.attach([update])
        return update
    }

    private static func block(_ kind: String) -> (module: any Module, layers: [Linear], run: (Tensor) -> Tensor) {
        let initializer = WeightInitializer(seed: 5)
        let layers = [
            Linear("first", inputs: 8, outputs: 24, from: initializer),
            Linear("second", inputs: 24, outputs: 8, from: initializer),
        ]
        if kind == "perceptron" {
            let mlp = MLP(layers, activation: .relu)
            return (mlp, layers, mlp.callAsFunction)
        }
        let norm = LayerNorm("norm", channels: 8, epsilon: 1e-5, from: initializer)
        let mlp = ResidualMLP(norm: norm, first: layers[0], second: layers[1])
        return (mlp, layers, mlp.callAsFunction)
    }

    /// What is computed with the updates beside the weights is what the changed weights give, recorded or not.
    @Test(arguments: ["perceptron", "residual"])
    func besideIsMerged(kind: String) {
        let (module, layers, run) = Self.block(kind)
        module.setTrainable(false)
        let x = Self.tensor([70, 8], seed: 1)
        let plain = run(x).values
        for (index, layer) in layers.enumerated() { _ = Self.attach(to: layer, seed: UInt64(10 * index + 2)) }
        let recorded = run(x)
        #expect(recorded.node != nil)
        #expect(GradientRecording.off { run(x) }.values == recorded.values)
        for layer in layers {
            let changed = GradientRecording.off { layer.weight.tensor }
            layer.weight.attach([])
            layer.weight.value = changed
        }
        let merged = run(x).values
        #expect(zip(recorded.values, merged).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(zip(plain, merged).contains { abs($0 - $1) > 1e-2 })
    }

    /// Computed again on the way back, gradients of the updates are the same bytes; a block whose own weights are frozen is
    /// recorded for them.
    @Test(arguments: ["perceptron", "residual"])
    func checkpointsKeepTheSame(kind: String) {
        func gradients(_ isCheckpointing: Bool) -> [[Float]] {
            let (module, layers, run) = Self.block(kind)
            module.setTrainable(false)
            let updates = layers.enumerated().map { Self.attach(to: $1, seed: UInt64(10 * $0 + 2)) }
            let x = Self.tensor([70, 8], seed: 1)
            let y = isCheckpointing ? checkpointed(x, parameters: module.parameters, run) : run(x)
            backward((y * y).sum())
            return updates.flatMap { [$0.a, $0.b] }.map { $0.gradient?.values ?? [] }
        }
        let plain = gradients(false)
        #expect(plain.allSatisfy { $0.contains { $0 != 0 } })
        #expect(gradients(true) == plain)
    }
}
