internal import KernelABI
private import Runtime

/// All cells of a picture attend to a few tokens, and the answer is added to them and normalised: the other half of the
/// two-way attention, with each head's projections folded into its tokens.
///
/// For a prompt with picture X, folded keys B, folded values U and for each cell: `S = B (X + E)ᵀ + s`, P the softmax of S
/// over each head's tokens, `Y = norm(X + Pᵀ U + b)`. Everything but the tokens' gradients is a matter of one cell, so
/// that a tile of the picture is read once and written once.
///
/// Shapes: P prompts, R rows (heads times tokens), K cells, C channels.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct ImageToToken: @unchecked Sendable {
    /// The folded tokens and what follows their answer.
    package struct Operands {
        /// B, scaled: [P, R, C].
        package var keys: UnsafePointer<Float>
        /// s, scaled: [P, R].
        package var keyBias: UnsafePointer<Float>
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
            keys: UnsafePointer<Float>, keyBias: UnsafePointer<Float>, values: UnsafePointer<Float>,
            bias: UnsafePointer<Float>, normWeight: UnsafePointer<Float>, normBias: UnsafePointer<Float>,
            epsilon: Float
        ) {
            self.keys = keys
            self.keyBias = keyBias
            self.values = values
            self.bias = bias
            self.normWeight = normWeight
            self.normBias = normBias
            self.epsilon = epsilon
        }
    }

    /// Cells in one task; sums over cells are cut here whatever the threads do.
    static let cellsPerTask = 512
    /// Cells treated at a time: a tile of the picture in its three forms stays in the second-level cache.
    static let cellsPerTile = 128

    let prompts: Int
    let heads: Int
    let rows: Int
    let cells: Int
    let channels: Int
    /// X: [P, K, C], or [1, K, C] where all prompts share it.
    let image: UnsafePointer<Float>
    let isImageShared: Bool
    /// E: [K, C].
    let position: UnsafePointer<Float>
    let operands: Operands
    let product: PanelProduct
    let table: KernelTable

    /// - Parameter rows: heads times tokens.
    package init(
        prompts: Int, heads: Int, rows: Int, cells: Int, channels: Int, image: UnsafePointer<Float>,
        isImageShared: Bool, position: UnsafePointer<Float>, operands: Operands
    ) {
        precondition(
            prompts >= 1 && heads >= 1 && rows >= heads && rows % heads == 0 && cells >= 1 && channels >= 1,
            "\(prompts) prompts, \(rows) rows of \(heads) heads, \(cells) cells of \(channels) channels")
        self.prompts = prompts
        self.heads = heads
        self.rows = rows
        self.cells = cells
        self.channels = channels
        self.image = image
        self.isImageShared = isImageShared
        self.position = position
        self.operands = operands
        table = Kernels.table
        product = PanelProduct(table.gemm)
    }

    /// What follows the answer.
    var norm: CellNorm {
        CellNorm(
            channels: channels, weight: operands.normWeight, bias: operands.normBias, epsilon: operands.epsilon,
            table: table)
    }

    var cellTasks: CellTasks {
        CellTasks(cells: cells, perTask: Self.cellsPerTask, perTile: Self.cellsPerTile)
    }
    var tasksPerPrompt: Int { cellTasks.count }

    /// A prompt's part of the picture, from a cell on.
    func tile(_ prompt: Int, _ first: Int) -> UnsafePointer<Float> {
        image + ((isImageShared ? 0 : prompt * cells) + first) * channels
    }

    /// A tile of X + E, in `sum`.
    func placed(_ prompt: Int, _ first: Int, _ count: Int, in sum: UnsafeMutablePointer<Float>) -> MatrixView {
        table.elementwise.add(tile(prompt, first), position + first * channels, sum, count * channels)
        return MatrixView(sum, rowStride: channels)
    }

    /// Writes P of a tile to `scores`, R rows of `count`, and `X + Pᵀ U + b` to `sum`.
    ///
    /// - Parameters:
    ///   - keys: B, packed as a left operand.
    ///   - values: U, packed as a right operand.
    ///   - placed: the tile of X + E.
    ///   - panels: memory for the packed tile and the packed probabilities.
    func attend(
        _ prompt: Int, _ first: Int, _ count: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
        placed: MatrixView, scores: UnsafeMutablePointer<Float>, panels: UnsafeMutablePointer<Float>,
        sum: UnsafeMutablePointer<Float>
    ) {
        product.packRight(placed.transposed, columns: count, depth: channels, into: panels)
        product.multiply(left: keys, right: panels, m: rows, n: count, k: channels, into: scores, ldc: count)
        table.scores.groupSoftmax(scores, operands.keyBias + prompt * rows, heads, rows / heads, count, count)
        product.packLeft(MatrixView(scores, rowStride: count).transposed, rows: count, depth: rows, into: panels)
        sum.update(from: tile(prompt, first), count: count * channels)
        product.multiply(
            left: panels, right: values, m: count, n: channels, k: rows, beta: 1, bias: operands.bias, into: sum,
            ldc: channels)
    }

    /// Floats that the panels of ``attend`` take.
    var attendPanelCount: Int {
        max(
            product.rightCount(columns: Self.cellsPerTile, depth: channels),
            product.leftCount(rows: Self.cellsPerTile, depth: rows))
    }

    private struct ForwardScratch {
        var layout = ScratchLayout()
        let keys: Int
        let values: Int
        let placed: Int
        let scores: Int
        let panels: Int

        init(_ call: ImageToToken) {
            keys = layout.add(call.product.leftCount(rows: call.rows, depth: call.channels))
            values = layout.add(call.product.rightCount(columns: call.channels, depth: call.rows))
            placed = layout.add(ImageToToken.cellsPerTile * call.channels)
            scores = layout.add(ImageToToken.cellsPerTile * call.rows)
            panels = layout.add(call.attendPanelCount)
        }
    }

    /// What the forward pass keeps for the way back, which saves that half its products.
    package struct Kept {
        /// P by tiles: [P, R, K], of each prompt the R rows of a tile's cells after each other.
        package var probabilities: KeptFloats
        /// What the norm is given: [P, K, C].
        package var sums: KeptFloats
        /// The norm's means, then its reciprocal deviations: [2, P, K].
        package var statistics: UnsafeMutablePointer<Float>

        package init(
            probabilities: KeptFloats, sums: KeptFloats, statistics: UnsafeMutablePointer<Float>
        ) {
            self.probabilities = probabilities
            self.sums = sums
            self.statistics = statistics
        }
    }

    /// Writes Y: [P, K, C].
    ///
    /// - Parameter kept: where to leave what ``backward(outputGradient:kept:into:)`` can use, or nil.
    package func forward(output: UnsafeMutablePointer<Float>, kept: Kept? = nil) {
        let tasks = prompts * tasksPerPrompt
        let scratch = ForwardScratch(self)
        BufferPool.withBuffer(scratch.layout.total(tasks: tasks)) { buffer in
            nonisolated(unsafe) let (output, kept) = (output, kept)
            scratch.layout.forEachTask(of: tasks, in: buffer) { task, own in
                let prompt = task / tasksPerPrompt
                packTokens(prompt, keys: own + scratch.keys, values: own + scratch.values)
                cellTasks.forEachTile(ofTask: task) { first, count in
                    let cell = prompt * cells + first
                    let target = output + cell * channels
                    let scores = kept?.probabilities.place(cell * rows, scratch: own + scratch.scores)
                    let sum = kept?.sums.place(cell * channels, scratch: target) ?? target
                    attend(
                        prompt, first, count, keys: own + scratch.keys, values: own + scratch.values,
                        placed: placed(prompt, first, count, in: own + scratch.placed),
                        scores: scores ?? own + scratch.scores, panels: own + scratch.panels, sum: sum)
                    if let kept, let scores {
                        kept.probabilities.store(scores, at: cell * rows, count: count * rows, table.conversions)
                        kept.sums.store(sum, at: cell * channels, count: count * channels, table.conversions)
                    }
                    norm(
                        NormedSums(sum, statistics: kept.map { $0.statistics + cell }, pitch: prompts * cells), count,
                        into: target)
                }
            }
        }
    }

    /// Packs a prompt's folded keys as a left operand and its folded values as a right one.
    func packTokens(_ prompt: Int, keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>) {
        let start = prompt * rows * channels
        product.packLeft(
            MatrixView(operands.keys + start, rowStride: channels), rows: rows, depth: channels, into: keys)
        product.packRight(
            MatrixView(operands.values + start, rowStride: channels), columns: channels, depth: rows, into: values)
    }
}
