import Runtime
import Tensors
import Testing

/// Weights of linear layers that are packed once.
@Suite struct PackedWeightTests {
    private func outputs(_ weight: Parameter, _ x: Tensor) -> [Float] {
        GradientRecording.off { x.linear(weight: weight.tensor, bias: nil) }.values
    }

    /// A weight that changes between two validations is packed anew: no result is that of the old one.
    @Test func aChangedWeightIsPackedAnew() {
        var random = CounterRandom(seed: 6, purpose: RandomPurpose("packed weight"))
        let x = Tensor.random([40, 32], -1..<1, &random)
        let weight = Parameter(name: "weight", value: Tensor.random([16, 32], -1..<1, &random))
        let first = outputs(weight, x)
        #expect(outputs(weight, x) == first)
        weight.withMutableElements { for index in $0.indices { $0[index] *= 2 } }
        #expect(outputs(weight, x) == first.map { 2 * $0 })
        weight.value = Tensor(zeros: [16, 32])
        #expect(outputs(weight, x).allSatisfy { $0 == 0 })
    }

    /// While it is trained a weight is not packed before: the same values, and a gradient.
    @Test func aTrainedWeightHasTheSameProduct() {
        var random = CounterRandom(seed: 7, purpose: RandomPurpose("packed weight"))
        let x = Tensor.random([40, 32], -1..<1, &random)
        let weight = Parameter(name: "weight", value: Tensor.random([16, 32], -1..<1, &random))
        let recorded = x.linear(weight: weight.tensor, bias: nil)
        #expect(recorded.values == outputs(weight, x))
        backward(recorded.sum())
        #expect(weight.gradient != nil)
    }
}
