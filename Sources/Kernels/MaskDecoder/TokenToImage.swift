internal import KernelABI
private import Runtime

/// A few rows attend to all cells of a picture over all its channels: what is left of multi-head attention from tokens to
/// the image when each head's projections are folded into its tokens.
///
/// For a prompt with rows A and picture X: `S = A (X + E)ᵀ`, `M = softmax(S) X`. Softmax does not see what the bias of
/// the key projection adds, the same to all cells. Each tile of X is read once and serves both products.
///
/// Shapes: P prompts, R rows (heads times tokens), K cells, C channels.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct TokenToImage: @unchecked Sendable {
    /// Cells in one task; their scores and the picture's part fit into the second-level cache. A sum over cells is cut
    /// here whatever the threads do.
    static let cellsPerTask = 512
    /// Cells whose packed form exists at a time: whole panels at every level of the kernels.
    static let cellsPerTile = 128

    let prompts: Int
    let rows: Int
    let cells: Int
    let channels: Int
    /// A, scaled: [P, R, C].
    let queries: UnsafePointer<Float>
    /// X: [P, K, C].
    let image: UnsafePointer<Float>
    /// E: [K, C].
    let position: UnsafePointer<Float>
    let product: PanelProduct
    let table: KernelTable

    package init(
        prompts: Int, rows: Int, cells: Int, channels: Int, queries: UnsafePointer<Float>,
        image: UnsafePointer<Float>, position: UnsafePointer<Float>
    ) {
        precondition(
            prompts >= 1 && rows >= 1 && cells >= 1 && channels >= 1,
            "\(prompts) prompts of \(rows) rows over \(cells) cells of \(channels) channels")
        self.prompts = prompts
        self.rows = rows
        self.cells = cells
        self.channels = channels
        self.queries = queries
        self.image = image
        self.position = position
        table = Kernels.table
        product = PanelProduct(table.gemm)
    }

    var cellTasks: CellTasks { CellTasks(cells: cells, perTask: Self.cellsPerTask, perTile: Self.cellsPerTile) }
    var tasksPerPrompt: Int { cellTasks.count }

    /// A prompt's part of X, from a cell on.
    func tile(_ prompt: Int, _ first: Int) -> MatrixView {
        MatrixView(image + (prompt * cells + first) * channels, rowStride: channels)
    }

    /// A tile of X + E, in `sum`; afterwards the tile of X is in the cache as well.
    func placed(_ prompt: Int, _ first: Int, _ count: Int, in sum: UnsafeMutablePointer<Float>) -> MatrixView {
        table.elementwise.add(tile(prompt, first).floats, position + first * channels, sum, count * channels)
        return MatrixView(sum, rowStride: channels)
    }

    /// Where a task's part of the kept scores lies: its rows after each other, as long as the task has cells.
    func kept(_ scores: UnsafeMutablePointer<Float>, ofTask task: Int) -> UnsafeMutablePointer<Float> {
        scores + (task / tasksPerPrompt * cells + cellTasks.range(ofTask: task).lowerBound) * rows
    }

    private var softmaxParts: SoftmaxParts { SoftmaxParts(rows: rows, channels: channels, tasks: tasksPerPrompt) }
    private var partCount: Int { softmaxParts.partCount }

    /// Writes M, and what ``backward(output:outputGradient:statistics:scores:queryGradient:imageGradient:)`` needs.
    ///
    /// - Parameters:
    ///   - output: [P, R, C].
    ///   - statistics: [2, P, R]: largest scores, then reciprocal sums of exponentials; or nil.
    ///   - scores: S, P R K floats in tasks of cells, which saves the way back a product; or nil.
    package func forward(
        output: UnsafeMutablePointer<Float>, statistics: UnsafeMutablePointer<Float>?,
        scores: UnsafeMutablePointer<Float>? = nil
    ) {
        let tasks = prompts * tasksPerPrompt
        let scratch = ForwardScratch(self)
        BufferPool.withBuffer(tasks * partCount + scratch.layout.total(tasks: tasks)) { buffer in
            nonisolated(unsafe) let (parts, output, statistics, scores) = (buffer, output, statistics, scores)
            scratch.layout.forEachTask(of: tasks, in: parts + tasks * partCount) { task, own in
                forwardTask(task, scratch, own, into: parts + task * partCount, scores)
            }
            Workers.forEachChunk(of: prompts, grain: 1) { range, _ in
                for prompt in range {
                    softmaxParts.combine(
                        parts + prompt * tasksPerPrompt * partCount, into: output + prompt * rows * channels,
                        maxima: statistics.map { $0 + prompt * rows },
                        reciprocals: statistics.map { $0 + (prompts + prompt) * rows }, table)
                }
            }
        }
    }

    private struct ForwardScratch {
        var layout = ScratchLayout()
        let queries: Int
        let placed: Int
        let right: Int
        let scores: Int
        let left: Int

        init(_ call: TokenToImage) {
            let (product, size) = (call.product, TokenToImage.cellsPerTile)
            queries = layout.add(product.leftCount(rows: call.rows, depth: call.channels))
            placed = layout.add(size * call.channels)
            right = layout.add(
                max(
                    product.rightCount(columns: size, depth: call.channels),
                    product.rightCount(columns: call.channels, depth: size)))
            scores = layout.add(call.rows * TokenToImage.cellsPerTask)
            left = layout.add(product.leftCount(rows: call.rows, depth: size))
        }
    }

    private func forwardTask(
        _ task: Int, _ scratch: ForwardScratch, _ own: UnsafeMutablePointer<Float>,
        into part: UnsafeMutablePointer<Float>, _ kept: UnsafeMutablePointer<Float>?
    ) {
        let prompt = task / tasksPerPrompt
        let range = cellTasks.range(ofTask: task)
        let (left, right, scores) = (own + scratch.left, own + scratch.right, own + scratch.scores)
        let width = range.count
        let raw = kept.map { self.kept($0, ofTask: task) } ?? scores
        let packedQueries = own + scratch.queries
        product.packLeft(
            MatrixView(queries + prompt * rows * channels, rowStride: channels), rows: rows, depth: channels,
            into: packedQueries)
        cellTasks.forEachTile(ofTask: task) { first, count in
            let placed = placed(prompt, first, count, in: own + scratch.placed)
            product.packRight(placed.transposed, columns: count, depth: channels, into: right)
            product.multiply(
                left: packedQueries, right: right, m: rows, n: count, k: channels,
                into: raw + first - range.lowerBound, ldc: width)
        }
        let (maxima, sums) = (part + rows * channels, part + rows * channels + rows)
        for row in 0..<rows {
            table.scores.exponentials(
                raw + row * width, range.count, scores + row * width, maxima + row, sums + row)
        }
        cellTasks.forEachTile(ofTask: task) { first, count in
            product.packLeft(
                MatrixView(scores + first - range.lowerBound, rowStride: width), rows: rows, depth: count, into: left)
            product.multiply(
                left: left, rows: tile(prompt, first), panels: right, m: rows, n: channels, k: count,
                beta: first == range.lowerBound ? 0 : 1, into: part, ldc: channels)
        }
    }
}
