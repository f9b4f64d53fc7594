private import Kernels

extension Tensor {
    /// This matrix with products of thin ones added to its rows: what operations that want the weight itself are given.
    ///
    /// - Parameter parts: for rows that this [O, I] has.
    /// - Returns: [O, I].
    package func adding(_ parts: [LowRankFactors]) -> Tensor {
        precondition(parts.allSatisfy { $0.fits(shape) }, "products of thin matrices do not fit a matrix of \(shape)")
        let inputs = shape[1]
        let result = Tensor(shape: shape) { target in
            target.initialize(from: base, count: count)
            for part in parts {
                part.forEachRange { rows, offset in
                    GEMM.multiply(
                        m: rows.count, n: inputs, k: part.rank, alpha: part.scale,
                        a: MatrixView(part.b.base + offset * part.rank, rowStride: part.rank),
                        b: MatrixView(part.a.base, rowStride: inputs), beta: 1, c: target + rows.lowerBound * inputs,
                        ldc: inputs)
                }
            }
        }
        return result.recorded(from: [self] + parts.flatMap { [$0.a, $0.b] }) { [node] gradient in
            node?.accumulate(gradient)
            for part in parts { part.passBack(weightGradient: gradient) }
        }
    }

    /// `x Wᵀ + b` with the weight changed by products of thin matrices: `y[rows] += scale (x Aᵀ) Bᵀ`, without forming the
    /// changed weight, nor its gradient.
    ///
    /// - Parameters:
    ///   - weight: [O, I], `I` the size of the last axis.
    ///   - bias: [O], or nil.
    ///   - parts: for rows that the weight has.
    /// - Returns: [..., O].
    package func linear(weight: Tensor, bias: Tensor?, adding parts: [LowRankFactors]) -> Tensor {
        precondition(
            parts.allSatisfy { $0.fits(weight.shape) }, "products of thin matrices do not fit a weight of \(weight.shape)")
        var sum = linear(weight: weight, bias: bias)
        let (rows, inputs, outputs) = (rowCount, lastSize, weight.shape[0])
        // The thin activations are kept as they are: they are a hundredth of the others.
        let thin = parts.map { part in
            Tensor(shape: [rows, part.rank]) { target in
                GEMM.multiply(
                    m: rows, n: part.rank, k: inputs, a: MatrixView(base, rowStride: inputs),
                    b: MatrixView(part.a.base, rowStride: inputs).transposed, c: target, ldc: part.rank)
            }
        }
        // Nobody else holds the numbers, so that they are changed where they are.
        sum.changeInPlace { target in
            for (part, thin) in zip(parts, thin) {
                part.forEachRange { range, offset in
                    GEMM.multiply(
                        m: rows, n: range.count, k: part.rank, alpha: part.scale,
                        a: MatrixView(thin.base, rowStride: part.rank),
                        b: MatrixView(part.b.base + offset * part.rank, rowStride: part.rank).transposed, beta: 1,
                        c: target + range.lowerBound, ldc: outputs)
                }
            }
        }
        let isLearning = GradientRecording.isOn && parts.contains { $0.a.node != nil }
        let kept = isLearning ? SavedTensor(self) : nil
        return sum.recorded(from: [self, sum] + parts.flatMap { [$0.a, $0.b] }) {
            [plainNode = sum.node, node] gradient in
            plainNode?.accumulate(gradient)
            for (part, thin) in zip(parts, thin) {
                let thinGradient = part.thinGradient(gradient)
                if let node {
                    node.accumulate { target, keep in
                        GEMM.multiply(
                            m: rows, n: inputs, k: part.rank, a: MatrixView(thinGradient.base, rowStride: part.rank),
                            b: MatrixView(part.a.base, rowStride: inputs), beta: keep, c: target, ldc: inputs)
                    }
                }
                if let kept {
                    part.a.node?.accumulate { target, keep in
                        kept.withMatrix(columns: inputs) { x in
                            GEMM.multiply(
                                m: part.rank, n: inputs, k: rows,
                                a: MatrixView(thinGradient.base, rowStride: part.rank).transposed, b: x, beta: keep,
                                c: target, ldc: inputs)
                        }
                    }
                }
                part.b.node?.accumulate { target, keep in
                    part.forEachRange { range, offset in
                        GEMM.multiply(
                            m: range.count, n: part.rank, k: rows, alpha: part.scale,
                            a: MatrixView(gradient.base + range.lowerBound, rowStride: outputs).transposed,
                            b: MatrixView(thin.base, rowStride: part.rank), beta: keep,
                            c: target + offset * part.rank, ldc: part.rank)
                    }
                }
            }
        }
    }
}

extension LowRankFactors {
    /// The gradient of `x Aᵀ`, scaled: of outputs [..., O], [rows, r].
    fileprivate func thinGradient(_ gradient: Tensor) -> Tensor {
        let (count, outputs) = (gradient.rowCount, gradient.lastSize)
        return Tensor(shape: [count, rank]) { target in
            forEachRange { range, offset in
                GEMM.multiply(
                    m: count, n: rank, k: range.count, alpha: scale,
                    a: MatrixView(gradient.base + range.lowerBound, rowStride: outputs),
                    b: MatrixView(b.base + offset * rank, rowStride: rank), beta: offset == 0 ? 0 : 1, c: target,
                    ldc: rank)
            }
        }
    }

    /// Hands on the gradient of a weight that the product was added to, [O, I]: `dB = scale dW Aᵀ`, `dA = scale Bᵀ dW`.
    fileprivate func passBack(weightGradient: Tensor) {
        let inputs = weightGradient.shape[1]
        b.node?.accumulate { target, keep in
            forEachRange { range, offset in
                GEMM.multiply(
                    m: range.count, n: rank, k: inputs, alpha: scale,
                    a: MatrixView(weightGradient.base + range.lowerBound * inputs, rowStride: inputs),
                    b: MatrixView(a.base, rowStride: inputs).transposed, beta: keep, c: target + offset * rank,
                    ldc: rank)
            }
        }
        a.node?.accumulate { target, keep in
            forEachRange { range, offset in
                GEMM.multiply(
                    m: rank, n: inputs, k: range.count, alpha: scale,
                    a: MatrixView(b.base + offset * rank, rowStride: rank).transposed,
                    b: MatrixView(weightGradient.base + range.lowerBound * inputs, rowStride: inputs),
                    beta: offset == 0 ? keep : 1, c: target, ldc: inputs)
            }
        }
    }
}
