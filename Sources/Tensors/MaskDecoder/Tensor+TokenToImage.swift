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
        let (rows, picture, place) = (detached, image.detached, position.detached)
        let isRecording = GradientRecording.isOn && (node != nil || image.node != nil)
        let call = TokenToImage(
            prompts: shape[0], rows: shape[1], cells: image.shape[1], channels: shape[2], queries: rows.base,
            image: picture.base, position: place.base)
        let statistics = Tensor(shape: isRecording ? [2, shape[0], shape[1]] : [0]) { _ in }
        let output = Tensor(shape: shape) {
            call.forward(output: $0, statistics: isRecording ? statistics.storage.base : nil)
        }
        return output.recorded(from: [self, image]) { [node, imageNode = image.node] gradient in
            // The rows, the picture and its position live as long as this closure.
            withExtendedLifetime((rows, picture, place)) {
                let rowGradient = Tensor(shape: rows.shape) { _ in }
                func run(_ target: (target: UnsafeMutablePointer<Float>, keep: Float)?) {
                    call.backward(
                        output: output.base, outputGradient: gradient.base, statistics: statistics.base,
                        queryGradient: rowGradient.storage.base, imageGradient: target)
                }
                if let imageNode { imageNode.accumulate { run(($0, $1)) } } else { Tensor.compute { run(nil) } }
                node?.accumulate(rowGradient)
            }
        }
    }
}
