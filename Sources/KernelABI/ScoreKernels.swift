/// Kernels of softmax over scores that lie with their rows `stride` floats apart.
package struct ScoreKernels: Sendable {
    /// Softmax over each group of `rowsPerGroup` rows, column by column, in place, after adding `bias[row]` where there is
    /// one.
    package let groupSoftmax:
        @Sendable (
            _ scores: FloatOutput, _ bias: FloatInput?, _ groups: Int, _ rowsPerGroup: Int, _ columns: Int,
            _ stride: Int
        ) -> Void
    /// `s = p (s - sum over the group of s p)`: from the gradients of probabilities to those of scores, in place.
    package let groupSoftmaxBackward:
        @Sendable (
            _ probabilities: FloatInput, _ slopes: FloatOutput, _ groups: Int, _ rowsPerGroup: Int, _ columns: Int,
            _ stride: Int
        ) -> Void
    /// One row: `output = exp(scores - maximum)`, may be in place; writes the maximum and the sum.
    package let exponentials:
        @Sendable (
            _ scores: FloatInput, _ count: Int, _ output: FloatOutput, _ maximum: FloatOutput, _ sum: FloatOutput
        ) -> Void
    /// One row, from its maximum, its reciprocal sum and the product of output and output gradient:
    /// `probabilities = exp(scores - maximum) reciprocal`, may be in place, and `slopes = probabilities (slopes - dot)`.
    package let softmaxSlopes:
        @Sendable (
            _ scores: FloatInput, _ probabilities: FloatOutput, _ slopes: FloatOutput, _ count: Int,
            _ maximum: Float, _ reciprocal: Float, _ dot: Float
        ) -> Void

    package init(
        groupSoftmax: @escaping @Sendable (FloatOutput, FloatInput?, Int, Int, Int, Int) -> Void,
        groupSoftmaxBackward: @escaping @Sendable (FloatInput, FloatOutput, Int, Int, Int, Int) -> Void,
        exponentials: @escaping @Sendable (FloatInput, Int, FloatOutput, FloatOutput, FloatOutput) -> Void,
        softmaxSlopes:
            @escaping @Sendable (FloatInput, FloatOutput, FloatOutput, Int, Float, Float, Float) -> Void
    ) {
        self.groupSoftmax = groupSoftmax
        self.groupSoftmaxBackward = groupSoftmaxBackward
        self.exponentials = exponentials
        self.softmaxSlopes = softmaxSlopes
    }
}
