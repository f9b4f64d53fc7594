private import Kernels

extension Tensor {
    /// Folded rows attend to all cells of a picture: `softmax(A (X + E)ᵀ) X`; see `TokenToImage` in Kernels.
    ///
    /// Shapes: P prompts, R rows, K cells, C channels.
    ///
    /// - Parameters:
    ///   - image: X, [P, K, C].
    ///   - position: E, [K, C], a constant.
    /// - Returns: [P, R, C] of this tensor's A, [P, R, C].
    package func attendingToImage(_ image: Tensor, position: Tensor) -> Tensor {
        precondition(
            rank == 3 && image.rank == 3 && image.shape[0] == shape[0] && image.shape[2] == shape[2]
                && position.shape == Array(image.shape.dropFirst()) && position.node == nil,
            "rows \(shape), picture \(image.shape), position \(position.shape)")
        let isRecording = GradientRecording.isOn && (node != nil || image.node != nil)
        let statistics = Tensor(shape: isRecording ? [2, shape[0], shape[1]] : [0]) { _ in }
        let operands = AttendedImage(rows: detached, image: image.detached, position: position.detached)
        // Rounded scores would be other probabilities: with activations in 16 bits they are computed again instead.
        let keepsScores = isRecording && SavedActivations.format == .float32
        let scores = Tensor(shape: keepsScores ? [shape[0], shape[1], image.shape[1]] : [0]) { _ in }
        let output = Tensor(shape: shape) {
            operands.call.forward(
                output: $0, statistics: isRecording ? statistics.storage.base : nil,
                scores: keepsScores ? scores.storage.base : nil)
        }
        guard isRecording else { return output }
        return output.recorded(from: [self, image]) {
            [node, imageNode = image.node] gradient in
            // The operands stay as they are: the statistics are those of their scores, and rounded ones have others.
            let rowGradient = Tensor(shape: operands.rows.shape) { _ in }
            func run(_ target: (target: UnsafeMutablePointer<Float>, keep: Float)?) {
                operands.call.backward(
                    output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                    scores: keepsScores ? scores.storage.base : nil, queryGradient: rowGradient.storage.base,
                    imageGradient: target)
            }
            if let imageNode { imageNode.accumulate { run(($0, $1)) } } else { Tensor.compute { run(nil) } }
            node?.accumulate(rowGradient)
        }
    }
}

/// The operands of a call, which live as long as this.
private struct AttendedImage {
    let rows: Tensor
    let image: Tensor
    let position: Tensor

    var call: TokenToImage {
        TokenToImage(
            prompts: rows.shape[0], rows: rows.shape[1], cells: image.shape[1], channels: rows.shape[2],
            queries: rows.base, image: image.base, position: position.base)
    }
}
