/// Runs `body` now without keeping what its gradient needs, and once more while the tape runs backward: memory for time.
///
/// The gradients are the same bytes as without checkpointing. The input is kept as it is, whatever the format of other
/// activations.
///
/// - Parameters:
///   - input: what the gradient may flow back to.
///   - parameters: the parameters that `body` uses; with none of them learning and a constant input, nothing is recorded.
///   - body: a function of the input and the parameters alone; it runs twice and must do the same both times.
package func checkpointed(
    _ input: Tensor, parameters: [Parameter], _ body: @escaping (Tensor) -> Tensor
) -> Tensor {
    guard GradientRecording.isOn, input.node != nil || parameters.contains(where: \.isLearning) else {
        return body(input)
    }
    let output = GradientRecording.off { body(input) }
    let node = input.node
    // The way back may be gone where another format is in force.
    let rule = SavedActivations.rule
    let kept = input.detached
    return output.tied(
        to: TapeNode(shape: output.shape, inputs: node.map { [$0] } ?? []) { gradient in
            let again = node.map { kept.asLeaf(isActivation: $0.isActivation) } ?? kept
            let output = SavedActivations.with(rule) { GradientRecording.on { body(again) } }
            backward([(output, gradient)])
            if let node, let flowed = again.gradient { node.accumulate(flowed) }
        })
}
