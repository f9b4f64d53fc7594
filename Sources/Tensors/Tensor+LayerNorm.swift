internal import KernelABI
private import Kernels
private import Runtime

extension Tensor {
    /// Layer normalisation over the last axis: `(x - mean) / sqrt(var + epsilon) * weight + bias`, the variance with
    /// divisor C. On `[B, H, W, C]` it is what the reference implementation calls LayerNorm2d.
    ///
    /// Weight and bias are [C].
    package func layerNorm(weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
        let columns = lastSize
        precondition(
            weight.shape == [columns] && bias.shape == [columns],
            "layer normalisation of \(shape) needs a weight and a bias of [\(columns)], not \(weight.shape), \(bias.shape)"
        )
        let kernels = Kernels.table.rows
        let isRecording = GradientRecording.isOn && (node != nil || weight.node != nil || bias.node != nil)
        // Mean and reciprocal deviation of each row, one after the other.
        let statistics = Tensor(shape: isRecording ? [2, rowCount] : [0]) { _ in }
        let output = Tensor(shape: shape) { output in
            let mean = statistics.storage.base
            let rowCount = rowCount
            ElementLoop.forEachRows(rowCount, columns: columns) { rows in
                let start = rows.lowerBound * columns
                kernels.layerNorm(
                    base + start, weight.base, bias.base, epsilon, rows.count, columns, output + start,
                    isRecording ? mean + rows.lowerBound : nil, isRecording ? mean + rowCount + rows.lowerBound : nil)
            }
        }
        guard isRecording else { return output }
        return output.recorded(from: [self, weight, bias]) {
            [
                kept = SavedTensor(self), keptWeight = weight.detached, node, weightNode = weight.node,
                biasNode = bias.node
            ]
            gradient in
            kept.tensor.layerNormBackward(
                gradient, weight: keptWeight, statistics: statistics, node: node, weightNode: weightNode,
                biasNode: biasNode)
        }
    }

    private func layerNormBackward(
        _ gradient: Tensor, weight: Tensor, statistics: Tensor, node: TapeNode?, weightNode: TapeNode?,
        biasNode: TapeNode?
    ) {
        let kernels = Kernels.table.rows
        let (rowCount, columns) = (rowCount, lastSize)
        func pass(_ rows: Range<Int>) -> LayerNormBackward {
            LayerNormBackward(
                input: base + rows.lowerBound * columns, gradient: gradient.base + rows.lowerBound * columns,
                weight: weight.base, mean: statistics.base + rows.lowerBound,
                rstd: statistics.base + rowCount + rows.lowerBound, rows: rows.count, columns: columns,
                inputGradient: nil, weightGradient: nil, biasGradient: nil)
        }
        if let node {
            node.accumulate(
                Tensor(shape: shape) { target in
                    ElementLoop.forEachRows(rowCount, columns: columns) { rows in
                        var pass = pass(rows)
                        pass.inputGradient = target + rows.lowerBound * columns
                        kernels.layerNormBackward(pass)
                    }
                })
        }
        if weightNode == nil && biasNode == nil { return }
        let sums = Tensor(shape: [2, columns]) { target in
            ElementLoop.reduceRows(rowCount, columns: columns, width: 2 * columns, into: target, keep: 0) {
                rows, partial in
                var pass = pass(rows)
                pass.weightGradient = partial
                pass.biasGradient = partial + columns
                kernels.layerNormBackward(pass)
            }
        }
        weightNode?.accumulate(sums.sliced(axis: 0, range: 0..<1).reshaped([columns]))
        biasNode?.accumulate(sums.sliced(axis: 0, range: 1..<2).reshaped([columns]))
    }
}
