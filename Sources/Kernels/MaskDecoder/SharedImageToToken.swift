internal import KernelABI
private import Runtime

/// All cells of a picture that prompts share attend to each prompt's tokens, and the answer is added to them and
/// normalised: ``ImageToToken`` where the picture is `X + h Wᵀ`, X and its projection the same for all prompts, h a few
/// channels of each prompt's own.
///
/// For a prompt with keys B_j of head j, the picture's queries Q_j, values U and for each cell: `S_j = B_j [Q_j | h]ᵀ`, P the
/// softmax of S over each head's tokens, `Y = norm(X + [Pᵀ | h] [U; Wᵀ] + b)`.
///
/// Shapes: P prompts, H heads of N rows, R = H N, K cells, C channels; d channels of a head inside, r of the prompt (0:
/// none), D = d + r.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct SharedImageToToken: @unchecked Sendable {
    package struct Sizes: Sendable {
        package var prompts: Int
        package var heads: Int
        /// N, rows of a head.
        package var tokens: Int
        package var cells: Int
        package var channels: Int
        /// d, a multiple of 16.
        package var headSize: Int
        /// r, a multiple of 16.
        package var own: Int

        package init(
            prompts: Int, heads: Int, tokens: Int, cells: Int, channels: Int, headSize: Int, own: Int
        ) {
            self.prompts = prompts
            self.heads = heads
            self.tokens = tokens
            self.cells = cells
            self.channels = channels
            self.headSize = headSize
            self.own = own
        }
    }

    package struct Operands {
        /// X: [K, C].
        package var image: UnsafePointer<Float>
        /// [K, H d]
        package var queries: UnsafePointer<Float>
        /// h, [P, K, r], and Wᵀ, [r, C]; nil where r is 0.
        package var own: (channels: UnsafePointer<Float>, weight: UnsafePointer<Float>)?
        /// B, scaled: [P, R, D].
        package var keys: UnsafePointer<Float>
        /// U: [P, R, C].
        package var values: UnsafePointer<Float>
        /// b: [C].
        package var bias: UnsafePointer<Float>
        /// [C]
        package var normWeight: UnsafePointer<Float>
        /// [C]
        package var normBias: UnsafePointer<Float>
        package var epsilon: Float

        package init(
            image: UnsafePointer<Float>, queries: UnsafePointer<Float>,
            own: (channels: UnsafePointer<Float>, weight: UnsafePointer<Float>)?, keys: UnsafePointer<Float>,
            values: UnsafePointer<Float>, bias: UnsafePointer<Float>, normWeight: UnsafePointer<Float>,
            normBias: UnsafePointer<Float>, epsilon: Float
        ) {
            self.image = image
            self.queries = queries
            self.own = own
            self.keys = keys
            self.values = values
            self.bias = bias
            self.normWeight = normWeight
            self.normBias = normBias
            self.epsilon = epsilon
        }
    }

    /// What the forward pass keeps for the way back.
    package struct Kept {
        /// What the norm is given: [P, K, C].
        package var sums: KeptFloats
        /// The norm's means, then its reciprocal deviations: [2, P, K].
        package var statistics: UnsafeMutablePointer<Float>

        package init(sums: KeptFloats, statistics: UnsafeMutablePointer<Float>) {
            self.sums = sums
            self.statistics = statistics
        }
    }

    let sizes: Sizes
    let operands: Operands
    let tile: HeadTile
    let table: KernelTable
    var product: PanelProduct { tile.product }

    package init(_ sizes: Sizes, _ operands: Operands) {
        precondition(
            sizes.prompts >= 1 && sizes.cells >= 1 && sizes.channels >= 1
                && (operands.own == nil) == (sizes.own == 0), "a shared picture to tokens: \(sizes)")
        self.sizes = sizes
        self.operands = operands
        table = Kernels.table
        tile = HeadTile(
            heads: sizes.heads, tokens: sizes.tokens, headSize: sizes.headSize, own: sizes.own,
            PanelProduct(table.gemm))
    }

    /// What follows the answer.
    var norm: CellNorm {
        CellNorm(
            channels: sizes.channels, weight: operands.normWeight, bias: operands.normBias, epsilon: operands.epsilon,
            table: table)
    }

    /// Rows of [U; Wᵀ].
    var mixedRows: Int { tile.rows + tile.own }

    /// A prompt's tokens, packed once for all tasks.
    struct PackedTokens: @unchecked Sendable {
        /// Of ``HeadTile/pack(_:into:)``.
        let keys: UnsafeMutablePointer<Float>
        /// [U; Wᵀ] as a right operand.
        let values: UnsafeMutablePointer<Float>
    }

    private var mixedCount: Int { product.rightCount(columns: sizes.channels, depth: mixedRows) }

    /// Floats of all prompts' packed tokens, and of one array of [U; Wᵀ] for each worker that packs them.
    func packedTokensCount(workers: Int) -> Int {
        sizes.prompts * (tile.packedCount + mixedCount) + workers * mixedRows * sizes.channels
    }

    func packedTokens(_ prompt: Int, in memory: UnsafeMutablePointer<Float>) -> PackedTokens {
        let start = memory + prompt * (tile.packedCount + mixedCount)
        return PackedTokens(keys: start, values: start + tile.packedCount)
    }

    /// Packs all prompts' tokens, and calls `more` with each prompt and its [U; Wᵀ] row by row.
    func packTokens(
        in memory: UnsafeMutablePointer<Float>,
        more: @Sendable (_ prompt: Int, _ mixed: UnsafePointer<Float>) -> Void = { _, _ in }
    ) {
        let count = tile.rows * sizes.channels
        nonisolated(unsafe) let memory = memory
        nonisolated(unsafe) let rows = memory + sizes.prompts * (tile.packedCount + mixedCount)
        Workers.forEachChunk(of: sizes.prompts, grain: 1) { range, worker in
            let mixed = rows + worker * mixedRows * sizes.channels
            if let own = operands.own {
                (mixed + count).update(from: own.weight, count: tile.own * sizes.channels)
            }
            for prompt in range {
                let packed = packedTokens(prompt, in: memory)
                tile.pack(operands.keys + prompt * tile.rows * tile.depth, into: packed.keys)
                mixed.update(from: operands.values + prompt * count, count: count)
                product.packRight(
                    MatrixView(mixed, rowStride: sizes.channels), columns: sizes.channels, depth: mixedRows,
                    into: packed.values)
                more(prompt, mixed)
            }
        }
    }

    /// A prompt's own channels from a cell on.
    func own(_ prompt: Int, _ first: Int) -> UnsafePointer<Float>? {
        operands.own.map { $0.channels + (prompt * sizes.cells + first) * sizes.own }
    }

    /// Floats of ``probabilities(_:_:_:keys:queries:into:)``.
    var scoreCount: Int { mixedRows * HeadTile.width }
    /// Floats of the operand that ``mix(_:_:_:values:left:into:)`` packs.
    var mixedLeftCount: Int { product.leftCount(rows: HeadTile.width, depth: mixedRows) }

    /// Writes P of a tile, and hᵀ below it: [R + r, ``HeadTile/width``].
    ///
    /// - Parameter queries: the tile of Q, transposed.
    func probabilities(
        _ prompt: Int, _ first: Int, _ count: Int, keys: UnsafePointer<Float>, queries: UnsafePointer<Float>,
        into scores: UnsafeMutablePointer<Float>
    ) {
        let ownTile = scores + tile.rows * HeadTile.width
        if let own = own(prompt, first) { tile.transpose(own, channels: tile.own, count: count, into: ownTile) }
        tile.scores(keys, shared: queries, own: ownTile, count: count, into: scores)
        table.scores.groupSoftmax(scores, nil, tile.heads, tile.tokens, count, HeadTile.width)
    }

    /// Writes `X + [Pᵀ | h] [U; Wᵀ] + b` of a tile to `sum`.
    ///
    /// - Parameters:
    ///   - scores: of ``probabilities(_:_:_:keys:queries:into:)``.
    ///   - left: memory of ``mixedLeftCount`` floats.
    func mix(
        _ first: Int, _ count: Int, _ scores: UnsafePointer<Float>, values: UnsafePointer<Float>,
        left: UnsafeMutablePointer<Float>, into sum: UnsafeMutablePointer<Float>
    ) {
        let channels = sizes.channels
        product.packLeft(
            MatrixView(scores, rowStride: HeadTile.width).transposed, rows: count, depth: mixedRows, into: left)
        sum.update(from: operands.image + first * channels, count: count * channels)
        product.multiply(
            left: left, right: values, m: count, n: channels, k: mixedRows, beta: 1, bias: operands.bias, into: sum,
            ldc: channels)
    }

    /// Writes Y: [P, K, C].
    ///
    /// - Parameter kept: where to leave what ``backward(outputGradient:kept:into:)`` can use, or nil.
    package func forward(output: UnsafeMutablePointer<Float>, kept: Kept? = nil) {
        // Nothing is summed over cells on the way forward: a tile is a task, for all prompts.
        let tasks = (sizes.cells + HeadTile.width - 1) / HeadTile.width
        var layout = ScratchLayout()
        let queryOffset = layout.add(tile.inner * HeadTile.width)
        let scoreOffset = layout.add(scoreCount)
        let leftOffset = layout.add(mixedLeftCount)
        let packedCount = packedTokensCount(workers: max(1, Workers.count))
        BufferPool.withBuffer(packedCount + layout.total(tasks: tasks)) { memory in
            packTokens(in: memory)
            nonisolated(unsafe) let (memory, output, kept) = (memory, output, kept)
            layout.forEachTask(of: tasks, in: memory + packedCount) { task, own in
                let (queries, scores) = (own + queryOffset, own + scoreOffset)
                let first = task * HeadTile.width
                let count = min(HeadTile.width, sizes.cells - first)
                tile.transpose(
                    operands.queries + first * tile.inner, channels: tile.inner, count: count, into: queries)
                for prompt in 0..<sizes.prompts {
                    let tokens = packedTokens(prompt, in: memory)
                    let cell = prompt * sizes.cells + first
                    let (target, size) = (output + cell * sizes.channels, count * sizes.channels)
                    let sum = kept?.sums.place(cell * sizes.channels, scratch: target) ?? target
                    probabilities(prompt, first, count, keys: tokens.keys, queries: queries, into: scores)
                    mix(first, count, scores, values: tokens.values, left: own + leftOffset, into: sum)
                    kept?.sums.store(sum, at: cell * sizes.channels, count: size, table.conversions)
                    norm(
                        NormedSums(
                            sum, statistics: kept.map { $0.statistics + cell }, pitch: sizes.prompts * sizes.cells),
                        count, into: target)
                }
            }
        }
    }
}
