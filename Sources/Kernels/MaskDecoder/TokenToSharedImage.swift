internal import KernelABI
private import Runtime

/// Tokens of several prompts attend to one picture, projected once for all of them, to which each prompt adds a few
/// channels of its own: an earlier mask, before it is spread over the picture's channels.
///
/// A projection of `X + h Wᵀ` is that of X, plus h times a thin matrix; the latter goes into the tokens. For a prompt with
/// rows A_j of head j, the picture's keys K_j and values V_j and the prompt's h: `S_j = A_j [K_j | h]ᵀ`,
/// `M_j = softmax(S_j) [V_j | h]`.
///
/// Shapes: P prompts, H heads of N rows, R = H N, K cells, d channels of a head, r of the prompt (0: none), D = d + r.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct TokenToSharedImage: @unchecked Sendable {
    package struct Sizes: Sendable {
        package var prompts: Int
        package var heads: Int
        /// N, rows of a head.
        package var tokens: Int
        package var cells: Int
        /// d, a multiple of 16.
        package var headSize: Int
        /// r, a multiple of 16.
        package var own: Int

        package init(prompts: Int, heads: Int, tokens: Int, cells: Int, headSize: Int, own: Int) {
            self.prompts = prompts
            self.heads = heads
            self.tokens = tokens
            self.cells = cells
            self.headSize = headSize
            self.own = own
        }
    }

    package struct Operands {
        /// A, scaled: [P, R, D].
        package var queries: UnsafePointer<Float>
        /// [K, H d]
        package var keys: UnsafePointer<Float>
        /// [K, H d]
        package var values: UnsafePointer<Float>
        /// h: [P, K, r]; nil where r is 0.
        package var own: UnsafePointer<Float>?

        package init(
            queries: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
            own: UnsafePointer<Float>?
        ) {
            self.queries = queries
            self.keys = keys
            self.values = values
            self.own = own
        }
    }

    let sizes: Sizes
    let operands: Operands
    let tile: HeadTile
    let table: KernelTable

    package init(_ sizes: Sizes, _ operands: Operands) {
        precondition(
            sizes.prompts >= 1 && sizes.cells >= 1 && (operands.own == nil) == (sizes.own == 0),
            "tokens to a shared picture: \(sizes)")
        self.sizes = sizes
        self.operands = operands
        table = Kernels.table
        tile = HeadTile(
            heads: sizes.heads, tokens: sizes.tokens, headSize: sizes.headSize, own: sizes.own,
            PanelProduct(table.gemm))
    }

    /// Tiles of the picture, each of them a task for all prompts.
    var tasks: Int { (sizes.cells + HeadTile.width - 1) / HeadTile.width }
    /// Floats of a prompt's rows.
    var rowCount: Int { tile.rows * tile.depth }

    /// The cells of a task.
    func cells(ofTask task: Int) -> (first: Int, count: Int) {
        let first = task * HeadTile.width
        return (first, min(HeadTile.width, sizes.cells - first))
    }

    /// A prompt's own channels from a cell on.
    func own(_ prompt: Int, _ first: Int) -> UnsafePointer<Float>? {
        operands.own.map { $0 + (prompt * sizes.cells + first) * sizes.own }
    }

    private struct ForwardScratch {
        var layout = ScratchLayout()
        let keys: Int
        let own: Int
        let scores: Int
        let left: Int

        init(_ tile: HeadTile) {
            keys = layout.add(tile.inner * HeadTile.width)
            own = layout.add(tile.own * HeadTile.width)
            scores = layout.add(tile.rows * HeadTile.width)
            left = layout.add(tile.weighedCount)
        }
    }

    /// Writes M, and what ``backward(output:outputGradient:statistics:into:)`` needs.
    ///
    /// - Parameters:
    ///   - output: [P, R, D].
    ///   - statistics: [2, P, R]: largest scores, then reciprocal sums of exponentials; or nil.
    package func forward(output: UnsafeMutablePointer<Float>, statistics: UnsafeMutablePointer<Float>?) {
        let (tasks, prompts, rows) = (tasks, sizes.prompts, tile.rows)
        let parts = SoftmaxParts(rows: rows, channels: tile.depth, tasks: tasks)
        let scratch = ForwardScratch(tile)
        let sizeOfParts = prompts * tasks * parts.partCount
        let sizeOfQueries = prompts * tile.packedCount
        BufferPool.withBuffer(sizeOfParts + sizeOfQueries + scratch.layout.total(tasks: tasks)) { buffer in
            nonisolated(unsafe) let (buffer, output, statistics) = (buffer, output, statistics)
            let queries = sizeOfParts
            Workers.forEachChunk(of: prompts, grain: 1) { range, _ in
                for prompt in range {
                    tile.pack(
                        operands.queries + prompt * rowCount, into: buffer + queries + prompt * tile.packedCount)
                }
            }
            scratch.layout.forEachTask(of: tasks, in: buffer + sizeOfParts + sizeOfQueries) { task, own in
                forwardTask(task, buffer + queries, scratch, own) {
                    buffer + ($0 * tasks + task) * parts.partCount
                }
            }
            Workers.forEachChunk(of: prompts, grain: 1) { range, _ in
                for prompt in range {
                    parts.combine(
                        buffer + prompt * tasks * parts.partCount, into: output + prompt * rowCount,
                        maxima: statistics.map { $0 + prompt * rows },
                        reciprocals: statistics.map { $0 + (prompts + prompt) * rows }, table)
                }
            }
        }
    }

    private func forwardTask(
        _ task: Int, _ queries: UnsafePointer<Float>, _ scratch: ForwardScratch, _ own: UnsafeMutablePointer<Float>,
        _ part: (_ prompt: Int) -> UnsafeMutablePointer<Float>
    ) {
        let (first, count) = cells(ofTask: task)
        let (keys, scores) = (own + scratch.keys, own + scratch.scores)
        tile.transpose(operands.keys + first * tile.inner, channels: tile.inner, count: count, into: keys)
        for prompt in 0..<sizes.prompts {
            let part = part(prompt)
            let ownTile = self.own(prompt, first)
            if let ownTile {
                tile.transpose(ownTile, channels: tile.own, count: count, into: own + scratch.own)
            }
            tile.scores(
                queries + prompt * tile.packedCount, shared: keys, own: own + scratch.own, count: count, into: scores)
            let maxima = part + rowCount
            for row in 0..<tile.rows {
                table.scores.exponentials(
                    scores + row * HeadTile.width, count, scores + row * HeadTile.width, maxima + row,
                    maxima + tile.rows + row)
            }
            tile.weigh(
                scores, shared: operands.values + first * tile.inner, own: ownTile, count: count,
                left: own + scratch.left, into: part, keep: 0)
        }
    }
}
