package import KernelABI
private import Kernels

extension Tensor {
    /// `activation(x Wᵀ + b)` over the last axis, as PyTorch's Linear.
    ///
    /// - Parameters:
    ///   - weight: [out, in], `in` the size of the last axis.
    ///   - bias: [out], or nil.
    ///   - activation: applied while the product is in cache where no gradient is wanted; where one is, an operation of
    ///     its own, since the gradient needs what it was applied to.
    package func linear(weight: Tensor, bias: Tensor?, activation: Activation = .identity) -> Tensor {
        let isRecording =
            GradientRecording.isOn && (node != nil || weight.node != nil || bias?.node != nil)
        if activation != .identity && isRecording {
            let plain = linear(weight: weight, bias: bias)
            return activation == .relu ? plain.relu() : plain.gelu()
        }
        precondition(
            weight.rank == 2 && weight.shape[1] == lastSize && bias.map { $0.shape == [weight.shape[0]] } ?? true,
            "linear: input \(shape), weight \(weight.shape), bias \(bias.map { "\($0.shape)" } ?? "none")")
        let (rows, inputs, outputs) = (rowCount, lastSize, weight.shape[0])
        let result = Tensor(shape: shape.dropLast() + [outputs]) { output in
            GEMM.multiply(
                m: rows, n: outputs, k: inputs, a: MatrixView(base, rowStride: inputs),
                b: MatrixView(weight.base, rowStride: inputs).transposed, c: output, ldc: outputs,
                epilogue: GEMM.Epilogue(bias: bias?.base, activation: activation),
                packed: weight.packedWeight(rows: rows))
        }
        guard isRecording else { return result }
        let kept = weight.node == nil ? nil : SavedTensor(self)
        let keptWeight = node == nil ? nil : weight.detached
        return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) {
            [node, weightNode = weight.node, biasNode = bias?.node] gradient in
            if let node, let keptWeight {
                node.accumulate { target, keep in
                    GEMM.multiply(
                        m: rows, n: inputs, k: outputs, a: MatrixView(gradient.base, rowStride: outputs),
                        b: MatrixView(keptWeight.base, rowStride: inputs), beta: keep, c: target, ldc: inputs)
                }
            }
            if let weightNode, let kept {
                weightNode.accumulate { target, keep in
                    kept.withMatrix(columns: inputs) { x in
                        GEMM.multiply(
                            m: outputs, n: inputs, k: rows,
                            a: MatrixView(gradient.base, rowStride: outputs).transposed, b: x, beta: keep, c: target,
                            ldc: inputs)
                    }
                }
            }
            biasNode?.accumulate { target, keep in
                ElementLoop.columnSums(gradient.base, rows: rows, columns: outputs, into: target, keep: keep)
            }
        }
    }

    /// The weight of a linear layer packed once, where that pays: for tens to hundreds of rows, of a weight that is not being
    /// trained, and not so large that a second copy of it counts.
    private func packedWeight(rows: Int) -> PackedMatrix? {
        guard node == nil || !GradientRecording.isOn, (25...512).contains(rows), count <= 1 << 20 else { return nil }
        return storage.packedTransposed(rows: shape[0], columns: shape[1])
    }

    /// The matrix product over the last two axes, `A B` or `A Bᵀ`.
    ///
    /// - Parameters:
    ///   - other: [..., K, N] ([..., N, K] when transposed) with the same leading axes, or a matrix for all of them.
    ///   - transposeB: whether the other's last two axes are exchanged.
    /// - Returns: [..., M, N].
    package func matmul(_ other: Tensor, transposeB: Bool = false) -> Tensor {
        precondition(rank >= 2 && other.rank >= 2, "matmul needs matrices, not \(shape) and \(other.shape)")
        let product = BatchedProduct(left: self, right: other, isRightTransposed: transposeB)
        let result = Tensor(shape: shape.dropLast() + [product.n]) {
            product.forward(left: self, right: other, into: $0)
        }
        guard GradientRecording.isOn, node != nil || other.node != nil else { return result }
        let kept = other.node == nil ? nil : SavedTensor(self)
        let keptOther = node == nil ? nil : SavedTensor(other)
        return result.recorded(from: [self, other]) { [node, otherNode = other.node] gradient in
            if let node, let right = keptOther?.tensor {
                node.accumulate { product.leftGradient(gradient, right: right, into: $0, keep: $1) }
            }
            if let otherNode, let left = kept?.tensor {
                otherNode.accumulate { product.rightGradient(gradient, left: left, into: $0, keep: $1) }
            }
        }
    }
}
