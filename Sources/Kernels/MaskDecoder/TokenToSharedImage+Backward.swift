internal import KernelABI
private import Runtime

extension TokenToSharedImage {
    /// Where the gradients go; each is written.
    package struct Gradients {
        /// [P, R, D]
        package var queries: UnsafeMutablePointer<Float>
        /// [K, H d]
        package var keys: UnsafeMutablePointer<Float>
        /// [K, H d]
        package var values: UnsafeMutablePointer<Float>
        /// [P, K, r], or nil.
        package var own: UnsafeMutablePointer<Float>?

        package init(
            queries: UnsafeMutablePointer<Float>, keys: UnsafeMutablePointer<Float>,
            values: UnsafeMutablePointer<Float>, own: UnsafeMutablePointer<Float>?
        ) {
            self.queries = queries
            self.keys = keys
            self.values = values
            self.own = own
        }
    }

    private struct BackwardScratch {
        var layout = ScratchLayout()
        let keys: Int
        let values: Int
        let keySlopes: Int
        let valueSlopes: Int
        let own: Int
        let ownSlopes: Int
        let scores: Int
        let slopes: Int
        let left: Int

        init(_ tile: HeadTile) {
            let size = tile.inner * HeadTile.width
            keys = layout.add(size)
            values = layout.add(size)
            keySlopes = layout.add(size)
            valueSlopes = layout.add(size)
            own = layout.add(tile.own * HeadTile.width)
            ownSlopes = layout.add(tile.own * HeadTile.width)
            scores = layout.add(tile.rows * HeadTile.width)
            slopes = layout.add(tile.rows * HeadTile.width)
            left = layout.add(tile.weighedCount)
        }
    }

    /// The operands of all prompts that are packed once for all tasks, and each row's product of output and gradient.
    private struct Packed: @unchecked Sendable {
        let queries: UnsafeMutablePointer<Float>
        let gradients: UnsafeMutablePointer<Float>
        let queryColumns: UnsafeMutablePointer<Float>
        let gradientColumns: UnsafeMutablePointer<Float>
        let dots: UnsafeMutablePointer<Float>

        static func count(_ call: TokenToSharedImage) -> Int {
            call.sizes.prompts * (2 * call.tile.packedCount + 2 * call.tile.transposedCount + call.tile.rows)
        }

        init(_ call: TokenToSharedImage, in memory: UnsafeMutablePointer<Float>) {
            let (prompts, tile) = (call.sizes.prompts, call.tile)
            queries = memory
            gradients = queries + prompts * tile.packedCount
            queryColumns = gradients + prompts * tile.packedCount
            gradientColumns = queryColumns + prompts * tile.transposedCount
            dots = gradientColumns + prompts * tile.transposedCount
        }
    }

    /// Computes all gradients; scores are computed again.
    ///
    /// With P the probabilities, for each head: `dP = dM [V | h]ᵀ`, `dS = P (dP - rowsum(dM M))`, `dA = dS [K | h]`,
    /// and summed over the prompts `dK = dSᵀ A`, `dV = Pᵀ dM`, A and dM without the columns of h, which with those give dh.
    ///
    /// - Parameters:
    ///   - output: what the forward pass wrote.
    ///   - outputGradient: [P, R, D].
    ///   - statistics: what the forward pass wrote.
    package func backward(
        output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
        into gradients: Gradients
    ) {
        let (tasks, prompts) = (tasks, sizes.prompts)
        let scratch = BackwardScratch(tile)
        let sizeOfParts = tasks * prompts * rowCount
        let sizeOfPacked = Packed.count(self)
        BufferPool.withBuffer(sizeOfParts + sizeOfPacked + scratch.layout.total(tasks: tasks)) { parts in
            nonisolated(unsafe) let (parts, gradients) = (parts, gradients)
            nonisolated(unsafe) let (output, outputGradient, statistics) = (output, outputGradient, statistics)
            let packed = Packed(self, in: parts + sizeOfParts)
            Workers.forEachChunk(of: prompts, grain: 1) { range, _ in
                for prompt in range { pack(prompt, output, outputGradient, into: packed) }
            }
            scratch.layout.forEachTask(of: tasks, in: parts + sizeOfParts + sizeOfPacked) { task, own in
                backwardTask(
                    task, statistics, packed, scratch, own, parts: parts + task * prompts * rowCount, gradients)
            }
            let count = prompts * rowCount
            Workers.forEachChunk(of: count, grain: 1 << 12) { range, _ in
                for task in 0..<tasks {
                    table.elementwise.scaleAdd(
                        1, parts + task * count + range.lowerBound, task == 0 ? 0 : 1,
                        gradients.queries + range.lowerBound, range.count)
                }
            }
        }
    }

    private func pack(
        _ prompt: Int, _ output: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>, into packed: Packed
    ) {
        let (queries, gradients) = (operands.queries + prompt * rowCount, outputGradient + prompt * rowCount)
        tile.pack(queries, into: packed.queries + prompt * tile.packedCount)
        tile.pack(gradients, into: packed.gradients + prompt * tile.packedCount)
        tile.packTransposed(queries, into: packed.queryColumns + prompt * tile.transposedCount)
        tile.packTransposed(gradients, into: packed.gradientColumns + prompt * tile.transposedCount)
        for row in 0..<tile.rows {
            packed.dots[prompt * tile.rows + row] = table.rows.dot(
                output + prompt * rowCount + row * tile.depth, gradients + row * tile.depth, tile.depth)
        }
    }

    private func backwardTask(
        _ task: Int, _ statistics: UnsafePointer<Float>, _ packed: Packed, _ scratch: BackwardScratch,
        _ memory: UnsafeMutablePointer<Float>, parts: UnsafeMutablePointer<Float>, _ gradients: Gradients
    ) {
        let (first, count) = cells(ofTask: task)
        let (inner, rows, width) = (tile.inner, tile.rows, HeadTile.width)
        let (keys, values) = (operands.keys + first * inner, operands.values + first * inner)
        let (keySlopes, valueSlopes) = (memory + scratch.keySlopes, memory + scratch.valueSlopes)
        let (ownTile, ownSlopes) = (memory + scratch.own, memory + scratch.ownSlopes)
        let (scores, slopes) = (memory + scratch.scores, memory + scratch.slopes)
        tile.transpose(keys, channels: inner, count: count, into: memory + scratch.keys)
        tile.transpose(values, channels: inner, count: count, into: memory + scratch.values)
        keySlopes.initialize(repeating: 0, count: inner * width)
        valueSlopes.initialize(repeating: 0, count: inner * width)
        for prompt in 0..<sizes.prompts {
            let own = self.own(prompt, first)
            if let own { tile.transpose(own, channels: tile.own, count: count, into: ownTile) }
            tile.scores(
                packed.queries + prompt * tile.packedCount, shared: memory + scratch.keys, own: ownTile, count: count,
                into: scores)
            tile.scores(
                packed.gradients + prompt * tile.packedCount, shared: memory + scratch.values, own: ownTile,
                count: count, into: slopes)
            for row in 0..<rows {
                table.scores.softmaxSlopes(
                    scores + row * width, scores + row * width, slopes + row * width, count,
                    statistics[prompt * rows + row],
                    statistics[(sizes.prompts + prompt) * rows + row], packed.dots[prompt * rows + row])
            }
            tile.weigh(
                slopes, shared: keys, own: own, count: count, left: memory + scratch.left,
                into: parts + prompt * rowCount, keep: 0)
            if gradients.own != nil { ownSlopes.initialize(repeating: 0, count: tile.own * width) }
            let wanted = gradients.own == nil ? nil : ownSlopes
            tile.spread(
                packed.queryColumns + prompt * tile.transposedCount, slopes, count: count, shared: keySlopes,
                own: wanted)
            tile.spread(
                packed.gradientColumns + prompt * tile.transposedCount, scores, count: count, shared: valueSlopes,
                own: wanted)
            if let target = gradients.own {
                tile.restore(
                    ownSlopes, channels: tile.own, count: count,
                    into: target + (prompt * sizes.cells + first) * tile.own)
            }
        }
        tile.restore(keySlopes, channels: inner, count: count, into: gradients.keys + first * inner)
        tile.restore(valueSlopes, channels: inner, count: count, into: gradients.values + first * inner)
    }
}
