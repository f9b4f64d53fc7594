private import KernelABI
package import Tensors

/// `x + fc2(gelu(fc1(norm(x))))`: the second half of a transformer's block.
///
/// Where nothing is recorded it runs tile by tile, without the hidden activations in memory; the bits are the same.
package struct ResidualMLP: Module {
    package let norm: LayerNorm
    package let first: Linear
    package let second: Linear

    /// - Parameter first: to the hidden width; both layers have a bias.
    package init(norm: LayerNorm, first: Linear, second: Linear) {
        self.norm = norm
        self.first = first
        self.second = second
    }

    /// - Parameter x: [..., C], as is the result.
    package func callAsFunction(_ x: Tensor) -> Tensor {
        let isRecording = GradientRecording.isOn && (x.node != nil || parameters.contains(where: \.isLearning))
        // Updates of low rank are added to activations, in one way whether anything is recorded or not.
        let isPlain = first.weight.updates.isEmpty && second.weight.updates.isEmpty
        if !isRecording, isPlain, let firstBias = first.bias, let secondBias = second.bias,
            let result = x.addingMLP(
                norm: WeightAndBias(weight: norm.weight.tensor, bias: norm.bias.tensor), epsilon: norm.epsilon,
                first: WeightAndBias(weight: first.weight.tensor, bias: firstBias.tensor),
                second: WeightAndBias(weight: second.weight.tensor, bias: secondBias.tensor))
        {
            return result
        }
        return x + MLP([first, second], activation: .gelu)(norm(x))
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        norm.forEachParameter(body)
        first.forEachParameter(body)
        second.forEachParameter(body)
    }
}
