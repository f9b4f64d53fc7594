/// Kernels that treat each row of a row-major matrix alone, and sums over rows.
package struct RowKernels: Sendable {
    /// The sum of `count` floats, in Double across blocks.
    package let sum: @Sendable (_ input: FloatInput, _ count: Int) -> Double
    /// The sum of the squares of `count` floats, in Double across blocks.
    package let sumOfSquares: @Sendable (_ input: FloatInput, _ count: Int) -> Double
    /// The sum of `left[i] * right[i]` over `count` floats.
    package let dot: @Sendable (_ left: FloatInput, _ right: FloatInput, _ count: Int) -> Float
    /// `output[c] += sum over rows of input[r, c]`
    package let addColumnSums:
        @Sendable (_ input: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput) -> Void

    /// `output[r, :] = softmax(input[r, :])`; may be in place.
    package let softmax: @Sendable (_ input: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput) -> Void
    /// `dx = y (dy - sum(dy y))` for each row, y the forward's output.
    package let softmaxBackward:
        @Sendable (
            _ output: FloatInput, _ gradient: FloatInput, _ rows: Int, _ columns: Int, _ inputGradient: FloatOutput
        ) -> Void

    /// `y = (x - mean) rstd weight + bias` for each row; writes mean and rstd = 1 / sqrt(var + epsilon) where wanted.
    package let layerNorm:
        @Sendable (
            _ input: FloatInput, _ weight: FloatInput, _ bias: FloatInput, _ epsilon: Float, _ rows: Int,
            _ columns: Int, _ output: FloatOutput, _ mean: FloatOutput?, _ rstd: FloatOutput?
        ) -> Void
    /// Backward of `layerNorm`: writes dx where wanted, and adds to dWeight and dBias where wanted.
    package let layerNormBackward: @Sendable (LayerNormBackward) -> Void

    package init(
        sum: @escaping @Sendable (FloatInput, Int) -> Double,
        sumOfSquares: @escaping @Sendable (FloatInput, Int) -> Double,
        dot: @escaping @Sendable (FloatInput, FloatInput, Int) -> Float,
        addColumnSums: @escaping @Sendable (FloatInput, Int, Int, FloatOutput) -> Void,
        softmax: @escaping @Sendable (FloatInput, Int, Int, FloatOutput) -> Void,
        softmaxBackward: @escaping @Sendable (FloatInput, FloatInput, Int, Int, FloatOutput) -> Void,
        layerNorm:
            @escaping @Sendable (
                FloatInput, FloatInput, FloatInput, Float, Int, Int, FloatOutput, FloatOutput?, FloatOutput?
            ) -> Void,
        layerNormBackward: @escaping @Sendable (LayerNormBackward) -> Void
    ) {
        self.sum = sum
        self.sumOfSquares = sumOfSquares
        self.dot = dot
        self.addColumnSums = addColumnSums
        self.softmax = softmax
        self.softmaxBackward = softmaxBackward
        self.layerNorm = layerNorm
        self.layerNormBackward = layerNormBackward
    }
}

/// Arguments of the backward pass of a layer normalisation over `columns`.
package struct LayerNormBackward {
    package var input: FloatInput
    package var gradient: FloatInput
    package var weight: FloatInput
    package var mean: FloatInput
    package var rstd: FloatInput
    package var rows: Int
    package var columns: Int
    package var inputGradient: FloatOutput?
    package var weightGradient: FloatOutput?
    package var biasGradient: FloatOutput?

    package init(
        input: FloatInput, gradient: FloatInput, weight: FloatInput, mean: FloatInput, rstd: FloatInput, rows: Int,
        columns: Int, inputGradient: FloatOutput?, weightGradient: FloatOutput?, biasGradient: FloatOutput?
    ) {
        self.input = input
        self.gradient = gradient
        self.weight = weight
        self.mean = mean
        self.rstd = rstd
        self.rows = rows
        self.columns = columns
        self.inputGradient = inputGradient
        self.weightGradient = weightGradient
        self.biasGradient = biasGradient
    }
}
