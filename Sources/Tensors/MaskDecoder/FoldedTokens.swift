/// Folded tokens that a picture attends to, and what follows the answer.
package struct FoldedTokens {
    /// B: [P, R, D], D the channels that the picture asks with; C where its projection is folded into the tokens too.
    package let keys: Tensor
    /// s: [P, R], or nil.
    package let keyBias: Tensor?
    /// U: [P, R, C].
    package let values: Tensor
    /// b: [C].
    package let bias: Tensor
    package let normWeight: Tensor
    package let normBias: Tensor
    package let epsilon: Float

    package init(
        keys: Tensor, keyBias: Tensor? = nil, values: Tensor, bias: Tensor, normWeight: Tensor, normBias: Tensor,
        epsilon: Float
    ) {
        precondition(
            keys.rank == 3 && values.rank == 3 && keys.shape.dropLast() == values.shape.dropLast()
                && keyBias.map { $0.shape == Array(keys.shape.dropLast()) } ?? true
                && [bias, normWeight, normBias].allSatisfy { $0.shape == [values.shape[2]] },
            "folded keys \(keys.shape), bias \(keyBias.map { "\($0.shape)" } ?? "none"), values \(values.shape), channels "
                + "\(bias.shape)")
        self.keys = keys
        self.keyBias = keyBias
        self.values = values
        self.bias = bias
        self.normWeight = normWeight
        self.normBias = normBias
        self.epsilon = epsilon
    }

    var detached: FoldedTokens {
        FoldedTokens(
            keys: keys.detached, keyBias: keyBias?.detached, values: values.detached, bias: bias.detached,
            normWeight: normWeight.detached, normBias: normBias.detached, epsilon: epsilon)
    }

    /// What a gradient can flow to: keys, values, then what has C channels; without the key bias.
    var tensors: [Tensor] { [keys, values, bias, normWeight, normBias] }
}
