internal import KernelABI
private import Runtime

extension SharedImageToToken {
    /// Where the gradients go; each is written.
    package struct Gradients {
        /// [P, R, D]
        package var keys: UnsafeMutablePointer<Float>
        /// [P, R, C]
        package var values: UnsafeMutablePointer<Float>
        /// [K, H d]
        package var queries: UnsafeMutablePointer<Float>
        /// Of b, of the norm's weight and of its bias: [3, C].
        package var channels: UnsafeMutablePointer<Float>
        /// [K, C], or nil.
        package var image: UnsafeMutablePointer<Float>?
        /// Of h, [P, K, r], and of Wᵀ, [r, C]; or nil.
        package var own: (channels: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>)?

        package init(
            keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>,
            queries: UnsafeMutablePointer<Float>, channels: UnsafeMutablePointer<Float>,
            image: UnsafeMutablePointer<Float>?,
            own: (channels: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>)?
        ) {
            self.keys = keys
            self.values = values
            self.queries = queries
            self.channels = channels
            self.image = image
            self.own = own
        }
    }

    /// Tiles of one task; sums over cells are cut here whatever the threads do.
    private static let tilesPerTask = 4

    private var cellTasks: CellTasks {
        CellTasks(cells: sizes.cells, perTask: Self.tilesPerTask * HeadTile.width, perTile: HeadTile.width)
    }

    private struct BackwardScratch {
        var layout = ScratchLayout()
        let queries: Int
        let querySlopes: Int
        let sum: Int
        let slope: Int
        let scores: Int
        let slopes: Int
        let right: Int
        let left: Int
        let statistics: Int

        init(_ call: SharedImageToToken) {
            let (product, tile, width) = (call.product, call.tile, HeadTile.width)
            let (rows, channels) = (call.mixedRows, call.sizes.channels)
            queries = layout.add(SharedImageToToken.tilesPerTask * tile.inner * width)
            querySlopes = layout.add(SharedImageToToken.tilesPerTask * tile.inner * width)
            sum = layout.add(width * channels)
            slope = layout.add(width * channels)
            scores = layout.add(rows * width)
            slopes = layout.add(rows * width)
            right = layout.add(
                max(
                    product.rightCount(columns: width, depth: channels),
                    product.rightCount(columns: channels, depth: width)))
            left = layout.add(
                max(call.mixedLeftCount, product.leftCount(rows: rows, depth: width), tile.weighedCount))
            statistics = layout.add(2 * width)
        }
    }

    /// What all tasks read: the packed tokens, and these the other way round.
    private struct Packed: @unchecked Sendable {
        let tokens: UnsafeMutablePointer<Float>
        /// Of ``HeadTile/packTransposed(_:into:)``, a prompt's after the other's.
        let keyColumns: UnsafeMutablePointer<Float>
        /// [U; Wᵀ] as left operands.
        let values: UnsafeMutablePointer<Float>

        static func count(_ call: SharedImageToToken, workers: Int) -> Int {
            call.packedTokensCount(workers: workers)
                + call.sizes.prompts * (call.tile.transposedCount + call.valueRowsCount)
        }

        init(_ call: SharedImageToToken, workers: Int, in memory: UnsafeMutablePointer<Float>) {
            tokens = memory
            keyColumns = tokens + call.packedTokensCount(workers: workers)
            values = keyColumns + call.sizes.prompts * call.tile.transposedCount
        }
    }

    private var valueRowsCount: Int { product.leftCount(rows: mixedRows, depth: sizes.channels) }

    /// One task's sums over cells for one prompt: of keys, of [U; Wᵀ], then of b, the norm's weight and its bias.
    private var partCount: Int { tile.rows * tile.depth + mixedRows * sizes.channels + 3 * sizes.channels }

    /// Computes all gradients; what the forward pass did not keep is computed again tile by tile.
    ///
    /// With n the norm's derivative: `dZ = n(dY)`, `dP = U dZᵀ`, dS from the softmax, `dU = P dZ`, for each head
    /// `dB = dS [Q | h]`; summed over the prompts `dX = dZ` and `dQ = dSᵀ B`, B without the columns of h; `dWᵀ = hᵀ dZ`, and
    /// `dh = dZ W` plus what those columns give.
    ///
    /// - Parameters:
    ///   - outputGradient: [P, K, C].
    ///   - kept: what the forward pass left, or nil.
    package func backward(outputGradient: UnsafePointer<Float>, kept: Kept? = nil, into gradients: Gradients) {
        let tasks = cellTasks.count
        let workers = max(1, Workers.count)
        let scratch = BackwardScratch(self)
        let partCount = partCount
        let sizeOfParts = tasks * sizes.prompts * partCount
        let packedCount = Packed.count(self, workers: workers)
        BufferPool.withBuffer(sizeOfParts + packedCount + scratch.layout.total(tasks: tasks)) { parts in
            nonisolated(unsafe) let (parts, gradients) = (parts, gradients)
            nonisolated(unsafe) let (outputGradient, kept) = (outputGradient, kept)
            let packed = Packed(self, workers: workers, in: parts + sizeOfParts)
            packTokens(in: packed.tokens) { prompt, mixed in
                tile.packTransposed(
                    operands.keys + prompt * tile.rows * tile.depth,
                    into: packed.keyColumns + prompt * tile.transposedCount)
                product.packLeft(
                    MatrixView(mixed, rowStride: sizes.channels), rows: mixedRows, depth: sizes.channels,
                    into: packed.values + prompt * valueRowsCount)
            }
            scratch.layout.forEachTask(of: tasks, in: parts + sizeOfParts + packedCount) { task, own in
                backwardTask(task, outputGradient, kept, packed, scratch, own, gradients) {
                    parts + ($0 * tasks + task) * partCount
                }
            }
            addParts(parts, gradients)
        }
    }

    /// Adds up the tasks' sums in the order of prompts and cells.
    private func addParts(_ parts: UnsafePointer<Float>, _ gradients: Gradients) {
        let (tasks, partCount, channels) = (cellTasks.count, partCount, sizes.channels)
        let (keyCount, valueCount) = (tile.rows * tile.depth, tile.rows * channels)
        let scaleAdd = table.elementwise.scaleAdd
        nonisolated(unsafe) let (parts, gradients) = (parts, gradients)
        Workers.forEachChunk(of: sizes.prompts, grain: 1) { range, _ in
            for prompt in range {
                for task in 0..<tasks {
                    let part = parts + (prompt * tasks + task) * partCount
                    let keep: Float = task == 0 ? 0 : 1
                    scaleAdd(1, part, keep, gradients.keys + prompt * keyCount, keyCount)
                    scaleAdd(1, part + keyCount, keep, gradients.values + prompt * valueCount, valueCount)
                }
            }
        }
        for index in 0..<sizes.prompts * tasks {
            let part = parts + index * partCount + keyCount + valueCount
            let keep: Float = index == 0 ? 0 : 1
            if let own = gradients.own { scaleAdd(1, part, keep, own.weight, tile.own * channels) }
            scaleAdd(1, part + tile.own * channels, keep, gradients.channels, 3 * channels)
        }
    }

    private func backwardTask(
        _ task: Int, _ outputGradient: UnsafePointer<Float>, _ kept: Kept?, _ packed: Packed,
        _ scratch: BackwardScratch, _ own: UnsafeMutablePointer<Float>, _ gradients: Gradients,
        _ part: (_ prompt: Int) -> UnsafeMutablePointer<Float>
    ) {
        let start = cellTasks.range(ofTask: task).lowerBound
        let (inner, channels, width) = (tile.inner, sizes.channels, HeadTile.width)
        let (queries, querySlopes) = (own + scratch.queries, own + scratch.querySlopes)
        cellTasks.forEachTile(ofTask: task) { first, count in
            tile.transpose(
                operands.queries + first * inner, channels: inner, count: count,
                into: queries + (first - start) * inner)
        }
        querySlopes.initialize(repeating: 0, count: Self.tilesPerTask * inner * width)
        for prompt in 0..<sizes.prompts {
            let part = part(prompt)
            let channelSums = part + tile.rows * tile.depth + mixedRows * channels
            channelSums.initialize(repeating: 0, count: 3 * channels)
            var keep: Float = 0
            cellTasks.forEachTile(ofTask: task) { first, count in
                probabilities(
                    prompt, first, count, keys: packedTokens(prompt, in: packed.tokens).keys,
                    queries: queries + (first - start) * inner, into: own + scratch.scores)
                normSlope(
                    prompt, first, count, outputGradient, kept, packed, scratch, own, channelSums: channelSums)
                if let image = gradients.image {
                    table.elementwise.scaleAdd(
                        1, own + scratch.slope, prompt == 0 ? 0 : 1, image + first * channels, count * channels)
                }
                backwardTile(
                    prompt, first, count, packed, scratch, own, queries: operands.queries + first * inner,
                    querySlopes: querySlopes + (first - start) * inner, part: part, keep: keep, gradients)
                keep = 1
            }
        }
        cellTasks.forEachTile(ofTask: task) { first, count in
            tile.restore(
                querySlopes + (first - start) * inner, channels: inner, count: count,
                into: gradients.queries + first * inner)
        }
    }

    /// From the gradient of Y to that of the sum before the norm, in scratch; adds to the sums over cells of b's gradient
    /// and the norm's.
    private func normSlope(
        _ prompt: Int, _ first: Int, _ count: Int, _ outputGradient: UnsafePointer<Float>, _ kept: Kept?,
        _ packed: Packed, _ scratch: BackwardScratch, _ own: UnsafeMutablePointer<Float>,
        channelSums: UnsafeMutablePointer<Float>
    ) {
        let channels = sizes.channels
        let cell = prompt * sizes.cells + first
        var sums = NormedSums(own + scratch.sum, statistics: own + scratch.statistics, pitch: HeadTile.width)
        if let kept {
            let floats = kept.sums.load(
                cell * channels, count: count * channels, into: own + scratch.sum, table.conversions)
            sums = NormedSums(floats, statistics: kept.statistics + cell, pitch: sizes.prompts * sizes.cells)
        } else {
            mix(
                first, count, own + scratch.scores, values: packedTokens(prompt, in: packed.tokens).values,
                left: own + scratch.left, into: sums.floats)
            norm(sums, count, into: own + scratch.slope)
        }
        norm.slope(
            sums, count, outputGradient + cell * channels, into: own + scratch.slope, channelSums: channelSums)
    }

    /// What follows of dZ and P of a tile, both in scratch.
    ///
    /// - Parameters:
    ///   - queries: the tile of Q as it lies.
    ///   - querySlopes: the transposed tile of its gradient.
    ///   - keep: 0 or 1, the factor of what the sums of keys and values hold.
    private func backwardTile(
        _ prompt: Int, _ first: Int, _ count: Int, _ packed: Packed, _ scratch: BackwardScratch,
        _ own: UnsafeMutablePointer<Float>, queries: UnsafePointer<Float>, querySlopes: UnsafeMutablePointer<Float>,
        part: UnsafeMutablePointer<Float>, keep: Float, _ gradients: Gradients
    ) {
        let (rows, channels, width) = (tile.rows, sizes.channels, HeadTile.width)
        let (scores, slopes) = (own + scratch.scores, own + scratch.slopes)
        let (left, right) = (own + scratch.left, own + scratch.right)
        let slopeView = MatrixView(own + scratch.slope, rowStride: channels)
        // The rows of h and W below those of P and U are wanted where the mask prompts learn.
        let wanted = gradients.own == nil ? rows : mixedRows
        product.packRight(slopeView.transposed, columns: count, depth: channels, into: right)
        product.multiply(
            left: packed.values + prompt * valueRowsCount, right: right, m: wanted, n: count, k: channels,
            into: slopes, ldc: width)
        product.packLeft(MatrixView(scores, rowStride: width), rows: wanted, depth: count, into: left)
        product.multiply(
            left: left, rows: slopeView, panels: right, m: wanted, n: channels, k: count, beta: keep,
            into: part + rows * tile.depth, ldc: channels)
        table.scores.groupSoftmaxBackward(scores, slopes, tile.heads, tile.tokens, count, width)
        tile.weigh(
            slopes, shared: queries, own: self.own(prompt, first), count: count, left: left, into: part, keep: keep)
        let ownSlopes = slopes + rows * width
        tile.spread(
            packed.keyColumns + prompt * tile.transposedCount, slopes, count: count, shared: querySlopes,
            own: gradients.own == nil ? nil : ownSlopes)
        if let target = gradients.own {
            tile.restore(
                ownSlopes, channels: tile.own, count: count,
                into: target.channels + (prompt * sizes.cells + first) * tile.own)
        }
    }
}
