internal import KernelABI
private import Kernels
private import Runtime

/// The decomposed relative position of a self-attention over a grid of tokens.
///
/// The score of query (y, x) and key (y', x') gains `q · height[y - y' + H - 1] + q · width[x - x' + W - 1]`, with the
/// query not scaled. Source: segment-anything `add_decomposed_rel_pos`, after Li et al., "Improved multiscale vision
/// transformers for classification and detection", CVPR 2022.
package struct RelativePosition {
    /// [2 H - 1, head size]
    package let height: Tensor
    /// [2 W - 1, head size]
    package let width: Tensor
    /// The grid (H, W); tokens are its cells, row-major.
    package let grid: (height: Int, width: Int)

    package init(height: Tensor, width: Tensor, grid: (height: Int, width: Int)) {
        precondition(
            height.rank == 2 && width.rank == 2 && height.shape[0] == 2 * grid.height - 1
                && width.shape[0] == 2 * grid.width - 1 && height.shape[1] == width.shape[1],
            "relative position tables \(height.shape) and \(width.shape) do not fit a grid of \(grid)")
        self.height = height
        self.width = width
        self.grid = grid
    }
}

extension Tensor {
    /// Multi-head attention: for each head, `softmax(scale q kᵀ + relative position) v` with `scale = headSize ^ -0.5`.
    ///
    /// - Parameters:
    ///   - query: [B, Nq, heads * headSize], a head's channels side by side.
    ///   - key: [B, Nk, heads * headSize].
    ///   - value: [B, Nk, heads * headSize].
    ///   - heads: number of heads.
    ///   - relativePosition: for self-attention over a grid; then Nq = Nk = H W.
    /// - Returns: [B, Nq, heads * headSize].
    package static func attention(
        query: Tensor, key: Tensor, value: Tensor, heads: Int, relativePosition: RelativePosition? = nil
    ) -> Tensor {
        let call = AttentionCall(
            query: query.detached, key: key.detached, value: value.detached, heads: heads,
            relativePosition: relativePosition.map {
                RelativePosition(height: $0.height.detached, width: $0.width.detached, grid: $0.grid)
            })
        let inputs = [query, key, value] + (relativePosition.map { [$0.height, $0.width] } ?? [])
        return call.forward().recorded(from: inputs) { [nodes = inputs.map(\.node)] gradient in
            for (node, part) in zip(nodes, call.backward(gradient)) { node?.accumulate(part) }
        }
    }

    /// ``attention(query:key:value:heads:relativePosition:)`` on the output of one linear layer for all three.
    ///
    /// - Parameter qkv: [B, N, 3 * heads * headSize]: all queries, then all keys, then all values.
    package static func selfAttention(
        qkv: Tensor, heads: Int, relativePosition: RelativePosition? = nil
    ) -> Tensor {
        precondition(qkv.rank == 3 && qkv.shape[2] % (3 * heads) == 0, "qkv is [B, N, 3 C], not \(qkv.shape)")
        let size = qkv.shape[2] / 3
        let parts = (0..<3).map { qkv.sliced(axis: 2, range: $0 * size..<($0 + 1) * size) }
        return attention(
            query: parts[0], key: parts[1], value: parts[2], heads: heads, relativePosition: relativePosition)
    }
}

private struct AttentionCall: @unchecked Sendable {
    let query: Tensor
    let key: Tensor
    let value: Tensor
    let heads: Int
    let relativePosition: RelativePosition?

    var batch: Int { query.shape[0] }
    var queries: Int { query.shape[1] }
    var keys: Int { key.shape[1] }
    var channels: Int { query.shape[2] }
    var headSize: Int { channels / heads }
    var scale: Float { 1 / Float(headSize).squareRoot() }

    func probabilities(_ item: Int, into scores: UnsafeMutablePointer<Float>) {
        let (image, head) = (item / heads, item % heads)
        let q = MatrixView(query.base + image * queries * channels + head * headSize, rowStride: channels)
        let k = MatrixView(key.base + image * keys * channels + head * headSize, rowStride: channels)
        GEMM.multiply(
            m: queries, n: keys, k: headSize, alpha: scale, a: q, b: k.transposed, c: scores, ldc: keys)
        if let relativePosition {
            let (height, width) = relativePosition.grid
            for y in 0..<height {
                for x in 0..<width {
                    let row = y * width + x
                    let from = q.base + row * channels
                    for other in 0..<height {
                        let table = relativePosition.height.base + (y - other + height - 1) * headSize
                        var dot: Float = 0
                        for i in 0..<headSize { dot += from[i] * table[i] }
                        for column in 0..<width { scores[row * keys + other * width + column] += dot }
                    }
                    for other in 0..<width {
                        let table = relativePosition.width.base + (x - other + width - 1) * headSize
                        var dot: Float = 0
                        for i in 0..<headSize { dot += from[i] * table[i] }
                        for line in 0..<height { scores[row * keys + line * width + other] += dot }
                    }
                }
            }
        }
        Kernels.table.rows.softmax(UnsafePointer(scores), queries, keys, scores)
    }

    func forward() -> Tensor {
        Tensor(shape: query.shape) { output in
            nonisolated(unsafe) let output = output
            Workers.forEachChunk(of: batch * heads, grain: 1) { items, _ in
                for item in items {
                    let (image, head) = (item / heads, item % heads)
                    BufferPool.withBuffer(queries * keys) { scores in
                        probabilities(item, into: scores)
                        GEMM.multiply(
                            m: queries, n: headSize, k: keys, a: MatrixView(scores, rowStride: keys),
                            b: MatrixView(
                                value.base + image * keys * channels + head * headSize, rowStride: channels),
                            c: output + image * queries * channels + head * headSize, ldc: channels)
                    }
                }
            }
        }
    }

    func backward(_ gradient: Tensor) -> [Tensor] {
        var dq = Tensor(zeros: query.shape)
        var dk = Tensor(zeros: key.shape)
        var dv = Tensor(zeros: value.shape)
        var dh = Tensor(zeros: relativePosition?.height.shape ?? [0])
        var dw = Tensor(zeros: relativePosition?.width.shape ?? [0])
        dq.withUnsafeMutableBuffer { dq in
            dk.withUnsafeMutableBuffer { dk in
                dv.withUnsafeMutableBuffer { dv in
                    dh.withUnsafeMutableBuffer { dh in
                        dw.withUnsafeMutableBuffer { dw in
                            for item in 0..<batch * heads {
                                backward(
                                    item, gradient, dq: dq.baseAddress.unsafelyUnwrapped,
                                    dk: dk.baseAddress.unsafelyUnwrapped, dv: dv.baseAddress.unsafelyUnwrapped,
                                    dh: dh.baseAddress.unsafelyUnwrapped, dw: dw.baseAddress.unsafelyUnwrapped)
                            }
                        }
                    }
                }
            }
        }
        return [dq, dk, dv, dh, dw]
    }

    private func backward(
        _ item: Int, _ gradient: Tensor, dq: UnsafeMutablePointer<Float>, dk: UnsafeMutablePointer<Float>,
        dv: UnsafeMutablePointer<Float>, dh: UnsafeMutablePointer<Float>, dw: UnsafeMutablePointer<Float>
    ) {
        let (image, head) = (item / heads, item % heads)
        let atQuery = image * queries * channels + head * headSize
        let atKey = image * keys * channels + head * headSize
        BufferPool.withBuffer(2 * queries * keys) { scores in
            let slopes = scores + queries * keys
            probabilities(item, into: scores)
            let go = MatrixView(gradient.base + atQuery, rowStride: channels)
            GEMM.multiply(
                m: keys, n: headSize, k: queries, a: MatrixView(scores, rowStride: keys).transposed, b: go,
                c: dv + atKey, ldc: channels)
            GEMM.multiply(
                m: queries, n: keys, k: headSize, a: go,
                b: MatrixView(value.base + atKey, rowStride: channels).transposed, c: slopes, ldc: keys)
            Kernels.table.rows.softmaxBackward(
                UnsafePointer(scores), UnsafePointer(slopes), queries, keys, slopes)
            let ds = MatrixView(slopes, rowStride: keys)
            GEMM.multiply(
                m: queries, n: headSize, k: keys, alpha: scale, a: ds,
                b: MatrixView(key.base + atKey, rowStride: channels), c: dq + atQuery, ldc: channels)
            GEMM.multiply(
                m: keys, n: headSize, k: queries, alpha: scale, a: ds.transposed,
                b: MatrixView(query.base + atQuery, rowStride: channels), c: dk + atKey, ldc: channels)
            guard let relativePosition else { return }
            let (height, width) = relativePosition.grid
            for row in 0..<queries {
                let (y, x) = (row / width, row % width)
                let q = query.base + atQuery + row * channels
                let target = dq + atQuery + row * channels
                for column in 0..<keys {
                    let slope = slopes[row * keys + column]
                    let up = (y - column / width + height - 1) * headSize
                    let left = (x - column % width + width - 1) * headSize
                    for i in 0..<headSize {
                        target[i] +=
                            slope * (relativePosition.height.base[up + i] + relativePosition.width.base[left + i])
                        dh[up + i] += slope * q[i]
                        dw[left + i] += slope * q[i]
                    }
                }
            }
        }
    }
}
