internal import KernelABI
private import Kernels
private import Runtime

extension Tensor {
    /// `left + right`; the right side's shape is the left side's, or its last axes (repeated over the leading ones).
    package static func + (left: Tensor, right: Tensor) -> Tensor {
        left.combined(with: right, ElementLoop.kernels.add).recorded(from: [left, right]) {
            [leftNode = left.node, rightNode = right.node] gradient in
            leftNode?.accumulate(gradient)
            rightNode?.accumulateBroadcast(gradient)
        }
    }

    /// `left - right`; shapes as for addition.
    package static func - (left: Tensor, right: Tensor) -> Tensor {
        left.combined(with: right, ElementLoop.kernels.subtract).recorded(from: [left, right]) {
            [leftNode = left.node, rightNode = right.node] gradient in
            leftNode?.accumulate(gradient)
            rightNode?.accumulateBroadcast(gradient.scaled(by: -1))
        }
    }

    /// `left * right`, element by element; shapes as for addition.
    package static func * (left: Tensor, right: Tensor) -> Tensor {
        let keptLeft = right.node == nil ? nil : SavedTensor(left)
        let keptRight = left.node == nil ? nil : SavedTensor(right)
        return left.combined(with: right, ElementLoop.kernels.multiply).recorded(from: [left, right]) {
            [leftNode = left.node, rightNode = right.node] gradient in
            if let leftNode, let keptRight { leftNode.accumulate(gradient * keptRight.tensor) }
            if let rightNode, let keptLeft { rightNode.accumulateBroadcast(gradient * keptLeft.tensor) }
        }
    }

    /// Every element times `factor`.
    package func scaled(by factor: Float) -> Tensor {
        let scaleAdd = ElementLoop.kernels.scaleAdd
        let result = Tensor(shape: shape) { output in
            ElementLoop.forEach(count) { range in
                scaleAdd(factor, base + range.lowerBound, 0, output + range.lowerBound, range.count)
            }
        }
        return result.recorded(from: [self]) { [node] gradient in node?.accumulate(gradient.scaled(by: factor)) }
    }

    /// `kernel(self, other)`, `other` repeated over the leading axes that it lacks.
    private func combined(with other: Tensor, _ kernel: @escaping ElementwiseKernels.Binary) -> Tensor {
        precondition(
            shape.count >= other.shape.count && Array(shape.suffix(other.shape.count)) == other.shape,
            "shapes \(shape) and \(other.shape): the right one must be the left one or its last axes")
        return Tensor(shape: shape) { output in
            if other.count == count {
                ElementLoop.forEach(count) { range in
                    kernel(
                        base + range.lowerBound, other.base + range.lowerBound, output + range.lowerBound, range.count)
                }
                return
            }
            let columns = other.count
            ElementLoop.forEachRows(columns == 0 ? 0 : count / columns, columns: columns) { rows in
                for row in rows {
                    kernel(base + row * columns, other.base, output + row * columns, columns)
                }
            }
        }
    }
}

extension TapeNode {
    /// Adds the gradient of a tensor that was repeated over leading axes: summed over them.
    func accumulateBroadcast(_ gradient: Tensor) {
        if gradient.shape == shape { return accumulate(gradient) }
        let columns = shape.reduce(1, *)
        accumulate { target, keep in
            ElementLoop.columnSums(
                gradient.base, rows: gradient.count / max(1, columns), columns: columns, into: target, keep: keep)
        }
    }
}
