private import Kernels
private import Runtime

/// Each head's projection taken from one side of attention to the other: `A[h n, :] = scale x[n, h] W[h]`.
///
/// A product of a few tokens with one head's rows of the weight, instead of a product of thousands of cells with all of
/// it. The three products below are each other's gradients.
///
/// Shapes: P prompts, N tokens, H heads of d channels, C channels outside; x is [P, N, H d], A is [P, H N, C].
struct HeadFold: Sendable {
    let prompts: Int
    let tokens: Int
    let heads: Int
    let headSize: Int
    let channels: Int
    let scale: Float
    /// Whether the weight is stored as [C, H d] instead of [H d, C].
    let isTransposed: Bool

    private var inner: Int { heads * headSize }
    private var rows: Int { heads * tokens }

    /// One head's part of the weight, d by C.
    private func weightView(_ weight: UnsafePointer<Float>, _ head: Int) -> MatrixView {
        isTransposed
            ? MatrixView(weight + head * headSize, rowStride: 1, columnStride: inner)
            : MatrixView(weight + head * headSize * channels, rowStride: channels)
    }

    /// Calls `body` for each head of each prompt, heads in parallel; a head's prompts come one after the other. All of them
    /// at once: a product is too small for threads of its own, and those of one prompt hardly pay for waking them.
    private func forEachHead(_ body: @Sendable (_ prompt: Int, _ head: Int) -> Void) {
        let table = Kernels.table
        let work = prompts * tokens * headSize * channels
        Workers.forEachChunk(of: heads, grain: max(1, Self.taskWork / max(1, work))) { range, _ in
            Kernels.with(table) {
                for head in range {
                    for prompt in 0..<prompts { body(prompt, head) }
                }
            }
        }
    }

    /// Multiply-adds of a task, at least.
    private static let taskWork = 1 << 18

    /// `A = scale x W`
    func fold(
        _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, into a: UnsafeMutablePointer<Float>, keep: Float = 0
    ) {
        nonisolated(unsafe) let (x, weight, a) = (x, weight, a)
        forEachHead { prompt, head in
            GEMM.multiply(
                m: tokens, n: channels, k: headSize, alpha: scale,
                a: MatrixView(x + prompt * tokens * inner + head * headSize, rowStride: inner),
                b: weightView(weight, head), beta: keep, c: a + (prompt * rows + head * tokens) * channels,
                ldc: channels)
        }
    }

    /// `x = scale A Wᵀ`
    func unfold(
        _ a: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, into x: UnsafeMutablePointer<Float>, keep: Float = 0
    ) {
        nonisolated(unsafe) let (x, weight, a) = (x, weight, a)
        forEachHead { prompt, head in
            GEMM.multiply(
                m: tokens, n: headSize, k: channels, alpha: scale,
                a: MatrixView(a + (prompt * rows + head * tokens) * channels, rowStride: channels),
                b: weightView(weight, head).transposed, beta: keep,
                c: x + prompt * tokens * inner + head * headSize, ldc: inner)
        }
    }

    /// `W = scale xᵀ A`, summed over the prompts.
    func weightGradient(
        _ x: UnsafePointer<Float>, _ a: UnsafePointer<Float>, into weight: UnsafeMutablePointer<Float>, keep: Float
    ) {
        nonisolated(unsafe) let (x, weight, a) = (x, weight, a)
        forEachHead { prompt, head in
            let tokensView = MatrixView(x + prompt * tokens * inner + head * headSize, rowStride: inner)
            let foldedView = MatrixView(a + (prompt * rows + head * tokens) * channels, rowStride: channels)
            let beta = prompt == 0 ? keep : 1
            if isTransposed {
                GEMM.multiply(
                    m: channels, n: headSize, k: tokens, alpha: scale, a: foldedView.transposed, b: tokensView,
                    beta: beta, c: weight + head * headSize, ldc: inner)
            } else {
                GEMM.multiply(
                    m: headSize, n: channels, k: tokens, alpha: scale, a: tokensView.transposed, b: foldedView,
                    beta: beta, c: weight + head * headSize * channels, ldc: channels)
            }
        }
    }
}

extension Tensor {
    /// Tokens with each head's projection folded into them: `A[p, h N + n, :] = scale x[p, n, h] W[h]`.
    ///
    /// - Parameters:
    ///   - weight: [H d, C], or [C, H d] where `isTransposed`.
    ///   - heads: H.
    ///   - scale: factor of the result.
    ///   - isTransposed: how the weight is stored.
    /// - Returns: [P, H N, C] of this tensor's [P, N, H d].
    package func foldedIntoHeads(_ weight: Tensor, heads: Int, scale: Float = 1, isTransposed: Bool = false) -> Tensor {
        let channels = weight.shape[isTransposed ? 0 : 1]
        precondition(
            rank == 3 && weight.rank == 2 && weight.count == shape[2] * channels && shape[2] % heads == 0,
            "\(shape) with \(heads) heads and a weight of \(weight.shape)")
        let call = HeadFold(
            prompts: shape[0], tokens: shape[1], heads: heads, headSize: shape[2] / heads, channels: channels,
            scale: scale, isTransposed: isTransposed)
        let result = Tensor(shape: [shape[0], heads * shape[1], channels]) { call.fold(base, weight.base, into: $0) }
        let kept = weight.node == nil ? nil : detached
        let keptWeight = node == nil ? nil : weight.detached
        return result.recorded(from: [self, weight]) { [node, weightNode = weight.node] gradient in
            if let node, let keptWeight {
                node.accumulate { call.unfold(gradient.base, keptWeight.base, into: $0, keep: $1) }
            }
            if let weightNode, let kept {
                weightNode.accumulate { call.weightGradient(kept.base, gradient.base, into: $0, keep: $1) }
            }
        }
    }

    /// The way back: `x[p, n, h] = A[p, h N + n, :] W[h]ᵀ`.
    ///
    /// - Parameters:
    ///   - weight: [H d, C].
    ///   - heads: H.
    /// - Returns: [P, N, H d] of this tensor's [P, H N, C].
    package func unfoldedFromHeads(_ weight: Tensor, heads: Int) -> Tensor {
        precondition(
            rank == 3 && weight.rank == 2 && weight.shape[1] == shape[2] && shape[1] % heads == 0
                && weight.shape[0] % heads == 0, "\(shape) with \(heads) heads and a weight of \(weight.shape)")
        let inner = weight.shape[0]
        let call = HeadFold(
            prompts: shape[0], tokens: shape[1] / heads, heads: heads, headSize: inner / heads, channels: shape[2],
            scale: 1, isTransposed: false)
        let result = Tensor(shape: [shape[0], call.tokens, inner]) { call.unfold(base, weight.base, into: $0) }
        let kept = weight.node == nil ? nil : detached
        let keptWeight = node == nil ? nil : weight.detached
        return result.recorded(from: [self, weight]) { [node, weightNode = weight.node] gradient in
            if let node, let keptWeight {
                node.accumulate { call.fold(gradient.base, keptWeight.base, into: $0, keep: $1) }
            }
            if let weightNode, let kept {
                weightNode.accumulate { call.weightGradient(gradient.base, kept.base, into: $0, keep: $1) }
            }
        }
    }
}
