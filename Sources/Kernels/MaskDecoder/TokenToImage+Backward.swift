internal import KernelABI
private import Runtime

extension TokenToImage {
    private struct BackwardScratch {
        var layout = ScratchLayout()
        let queries: Int
        let gradients: Int
        let both: Int
        let bothRows: Int
        let placed: Int
        let right: Int
        let scores: Int
        let left: Int
        let dots: Int

        init(_ call: TokenToImage) {
            let (product, size) = (call.product, TokenToImage.cellsPerTile)
            queries = layout.add(product.leftCount(rows: call.rows, depth: call.channels))
            gradients = layout.add(product.leftCount(rows: call.rows, depth: call.channels))
            both = layout.add(product.rightCount(columns: call.channels, depth: 2 * call.rows))
            bothRows = layout.add(2 * call.rows * call.channels)
            placed = layout.add(size * call.channels)
            right = layout.add(
                max(
                    product.rightCount(columns: size, depth: call.channels),
                    product.rightCount(columns: call.channels, depth: size)))
            scores = layout.add(2 * call.rows * size)
            left = layout.add(
                max(
                    product.leftCount(rows: call.rows, depth: size),
                    product.leftCount(rows: size, depth: 2 * call.rows)))
            dots = layout.add(call.rows)
        }
    }

    /// Computes the gradients of the rows and, where wanted, of the picture; scores that were not kept are computed again.
    ///
    /// With P the probabilities: `dP = dM Xᵀ`, `dS = P (dP - rowsum(dM M))`, `dA = dS (X + E)`, `dX = Pᵀ dM + dSᵀ A`.
    ///
    /// - Parameters:
    ///   - output: what the forward pass wrote.
    ///   - outputGradient: [P, R, C].
    ///   - statistics: what the forward pass wrote.
    ///   - scores: what the forward pass wrote, or nil.
    ///   - queryGradient: [P, R, C], written.
    ///   - imageGradient: [P, K, C] and the factor of what it holds already (0: it is not read), or nil.
    package func backward(
        output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
        scores: UnsafeMutablePointer<Float>? = nil, queryGradient: UnsafeMutablePointer<Float>,
        imageGradient: (target: UnsafeMutablePointer<Float>, keep: Float)?
    ) {
        let tasks = prompts * tasksPerPrompt
        let scratch = BackwardScratch(self)
        let partCount = rows * channels
        BufferPool.withBuffer(tasks * partCount + scratch.layout.total(tasks: tasks)) { buffer in
            nonisolated(unsafe) let (parts, output, outputGradient) = (buffer, output, outputGradient)
            nonisolated(unsafe) let (statistics, scores, imageGradient) = (statistics, scores, imageGradient)
            scratch.layout.forEachTask(of: tasks, in: parts + tasks * partCount) { task, own in
                backwardTask(
                    task, output, outputGradient, statistics, scores.map { kept($0, ofTask: task) }, scratch, own,
                    part: parts + task * partCount, imageGradient)
            }
            nonisolated(unsafe) let queryGradient = queryGradient
            Workers.forEachChunk(of: prompts, grain: 1) { range, _ in
                for prompt in range {
                    let target = queryGradient + prompt * partCount
                    for task in 0..<tasksPerPrompt {
                        table.elementwise.scaleAdd(
                            1, parts + (prompt * tasksPerPrompt + task) * partCount, task == 0 ? 0 : 1, target,
                            partCount)
                    }
                }
            }
        }
    }

    private func backwardTask(
        _ task: Int, _ output: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
        _ statistics: UnsafePointer<Float>, _ kept: UnsafeMutablePointer<Float>?, _ scratch: BackwardScratch,
        _ own: UnsafeMutablePointer<Float>,
        part: UnsafeMutablePointer<Float>, _ imageGradient: (target: UnsafeMutablePointer<Float>, keep: Float)?
    ) {
        let prompt = task / tasksPerPrompt
        let range = cellTasks.range(ofTask: task)
        let width = Self.cellsPerTile
        let start = prompt * rows * channels
        let (right, left, dots) = (own + scratch.right, own + scratch.left, own + scratch.dots)
        // Scores, then probabilities; below them their gradients, so that both meet the picture in one product.
        let (scores, slopes) = (own + scratch.scores, own + scratch.scores + rows * width)
        let gradientView = MatrixView(outputGradient + start, rowStride: channels)
        let queryView = MatrixView(queries + start, rowStride: channels)
        product.packLeft(queryView, rows: rows, depth: channels, into: own + scratch.queries)
        product.packLeft(gradientView, rows: rows, depth: channels, into: own + scratch.gradients)
        packBoth(gradientView, queryView, own + scratch.both, own + scratch.bothRows)
        for row in 0..<rows {
            dots[row] = table.rows.dot(
                output + start + row * channels, outputGradient + start + row * channels, channels)
        }
        cellTasks.forEachTile(ofTask: task) { first, count in
            let cell = (prompt * cells + first) * channels
            let placed = placed(prompt, first, count, in: own + scratch.placed)
            product.packRight(tile(prompt, first).transposed, columns: count, depth: channels, into: right)
            product.multiply(
                left: own + scratch.gradients, right: right, m: rows, n: count, k: channels, into: slopes, ldc: width)
            var (raw, pitch) = (scores, width)
            if let kept {
                (raw, pitch) = (kept + first - range.lowerBound, range.count)
            } else {
                product.packRight(placed.transposed, columns: count, depth: channels, into: right)
                product.multiply(
                    left: own + scratch.queries, right: right, m: rows, n: count, k: channels, into: scores, ldc: width)
            }
            for row in 0..<rows {
                table.scores.softmaxSlopes(
                    raw + row * pitch, scores + row * width, slopes + row * width, count,
                    statistics[prompt * rows + row],
                    statistics[(prompts + prompt) * rows + row], dots[row])
            }
            product.packLeft(MatrixView(slopes, rowStride: width), rows: rows, depth: count, into: left)
            product.multiply(
                left: left, rows: placed, panels: right, m: rows, n: channels, k: count,
                beta: first == range.lowerBound ? 0 : 1, into: part, ldc: channels)
            guard let imageGradient else { return }
            if imageGradient.keep != 0 { table.touch(imageGradient.target + cell, count * channels) }
            product.packLeft(
                MatrixView(scores, rowStride: width).transposed, rows: count, depth: 2 * rows, into: left)
            product.multiply(
                left: left, right: own + scratch.both, m: count, n: channels, k: 2 * rows, beta: imageGradient.keep,
                into: imageGradient.target + cell, ldc: channels)
        }
    }

    /// Packs the output gradient's rows and below them the queries' as one right operand.
    private func packBoth(
        _ gradients: MatrixView, _ queries: MatrixView, _ target: UnsafeMutablePointer<Float>,
        _ rowsBuffer: UnsafeMutablePointer<Float>
    ) {
        rowsBuffer.update(from: gradients.floats, count: rows * channels)
        (rowsBuffer + rows * channels).update(from: queries.floats, count: rows * channels)
        product.packRight(
            MatrixView(rowsBuffer, rowStride: channels), columns: channels, depth: 2 * rows, into: target)
    }
}
