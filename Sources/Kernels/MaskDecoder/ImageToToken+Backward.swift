internal import KernelABI
private import Runtime

extension ImageToToken {
    /// Where the gradients go; each but the picture's is written.
    package struct Gradients {
        /// [P, R, C]
        package var keys: UnsafeMutablePointer<Float>
        /// [P, R]
        package var keyBias: UnsafeMutablePointer<Float>
        /// [P, R, C]
        package var values: UnsafeMutablePointer<Float>
        /// Of b, of the norm's weight and of its bias: [3, C].
        package var channels: UnsafeMutablePointer<Float>
        /// Laid out as the picture, with the factor of what it holds already (0: it is not read); or nil.
        package var image: (target: UnsafeMutablePointer<Float>, keep: Float)?

        package init(
            keys: UnsafeMutablePointer<Float>, keyBias: UnsafeMutablePointer<Float>,
            values: UnsafeMutablePointer<Float>, channels: UnsafeMutablePointer<Float>,
            image: (target: UnsafeMutablePointer<Float>, keep: Float)?
        ) {
            self.keys = keys
            self.keyBias = keyBias
            self.values = values
            self.channels = channels
            self.image = image
        }
    }

    private struct BackwardScratch {
        var layout = ScratchLayout()
        let keys: Int
        let values: Int
        let keyRows: Int
        let valueRows: Int
        let placed: Int
        let sum: Int
        let slope: Int
        let scores: Int
        let slopes: Int
        let panels: Int
        let left: Int
        let statistics: Int

        init(_ call: ImageToToken) {
            let (product, size) = (call.product, ImageToToken.cellsPerTile)
            let (rows, channels) = (call.rows, call.channels)
            keys = layout.add(product.leftCount(rows: rows, depth: channels))
            values = layout.add(product.rightCount(columns: channels, depth: rows))
            keyRows = layout.add(product.rightCount(columns: channels, depth: rows))
            valueRows = layout.add(product.leftCount(rows: rows, depth: channels))
            placed = layout.add(size * channels)
            sum = layout.add(size * channels)
            slope = layout.add(size * channels)
            scores = layout.add(size * rows)
            slopes = layout.add(size * rows)
            panels = layout.add(
                max(call.attendPanelCount, product.rightCount(columns: channels, depth: size)))
            left = layout.add(
                max(product.leftCount(rows: rows, depth: size), product.leftCount(rows: size, depth: rows)))
            statistics = layout.add(2 * size)
        }
    }

    /// One task's sums over cells: of keys, values, key bias, then of b, the norm's weight and its bias.
    private var partCount: Int { 2 * rows * channels + rows + 3 * channels }

    /// Computes all gradients; what the forward pass did not keep is computed again tile by tile.
    ///
    /// With n the norm's derivative: `dZ = n(dY)`, `dP = U dZᵀ`, dS from the softmax, `dX = dZ + dSᵀ B`,
    /// `dU = P dZ`, `dB = dS (X + E)`.
    ///
    /// - Parameters:
    ///   - outputGradient: [P, K, C].
    ///   - kept: what the forward pass left, or nil.
    package func backward(outputGradient: UnsafePointer<Float>, kept: Kept? = nil, into gradients: Gradients) {
        let parts = prompts * tasksPerPrompt
        // Prompts that share a picture add to the same cells, one after the other.
        let tasks = isImageShared ? tasksPerPrompt : parts
        let scratch = BackwardScratch(self)
        BufferPool.withBuffer(parts * partCount + scratch.layout.total(tasks: tasks)) { buffer in
            nonisolated(unsafe) let (buffer, gradients) = (buffer, gradients)
            nonisolated(unsafe) let (outputGradient, kept) = (outputGradient, kept)
            scratch.layout.forEachTask(of: tasks, in: buffer + parts * partCount) { task, own in
                for prompt in isImageShared ? 0..<prompts : task / tasksPerPrompt..<task / tasksPerPrompt + 1 {
                    let index = prompt * tasksPerPrompt + task % tasksPerPrompt
                    backwardTask(
                        index, outputGradient, kept, scratch, own, part: buffer + index * partCount,
                        gradients.image)
                }
            }
            addParts(buffer, gradients)
        }
    }

    /// Adds up the tasks' sums in the order of prompts and cells.
    private func addParts(_ parts: UnsafePointer<Float>, _ gradients: Gradients) {
        let size = rows * channels
        let scaleAdd = table.elementwise.scaleAdd
        nonisolated(unsafe) let (parts, gradients) = (parts, gradients)
        Workers.forEachChunk(of: prompts, grain: 1) { range, _ in
            for prompt in range {
                for task in 0..<tasksPerPrompt {
                    let part = parts + (prompt * tasksPerPrompt + task) * partCount
                    let keep: Float = task == 0 ? 0 : 1
                    scaleAdd(1, part, keep, gradients.keys + prompt * size, size)
                    scaleAdd(1, part + size, keep, gradients.values + prompt * size, size)
                    scaleAdd(1, part + 2 * size, keep, gradients.keyBias + prompt * rows, rows)
                }
            }
        }
        for index in 0..<prompts * tasksPerPrompt {
            scaleAdd(
                1, parts + index * partCount + 2 * size + rows, index == 0 ? 0 : 1, gradients.channels, 3 * channels)
        }
    }

    private func backwardTask(
        _ task: Int, _ outputGradient: UnsafePointer<Float>, _ kept: Kept?, _ scratch: BackwardScratch,
        _ own: UnsafeMutablePointer<Float>, part: UnsafeMutablePointer<Float>,
        _ imageGradient: (target: UnsafeMutablePointer<Float>, keep: Float)?
    ) {
        let prompt = task / tasksPerPrompt
        let start = prompt * rows * channels
        let (slope, slopes) = (own + scratch.slope, own + scratch.slopes)
        let (panels, left) = (own + scratch.panels, own + scratch.left)
        let (keySums, valueSums) = (part, part + rows * channels)
        let biasSums = valueSums + rows * channels
        let channelSums = biasSums + rows
        biasSums.initialize(repeating: 0, count: rows + 3 * channels)
        packTokens(prompt, keys: own + scratch.keys, values: own + scratch.values)
        product.packRight(
            MatrixView(operands.keys + start, rowStride: channels), columns: channels, depth: rows,
            into: own + scratch.keyRows)
        product.packLeft(
            MatrixView(operands.values + start, rowStride: channels), rows: rows, depth: channels,
            into: own + scratch.valueRows)
        var beta: Float = 0
        cellTasks.forEachTile(ofTask: task) { first, count in
            let placed = placed(prompt, first, count, in: own + scratch.placed)
            let scores =
                kept?.probabilities.load(
                    (prompt * cells + first) * rows, count: count * rows, into: own + scratch.scores, table.conversions)
                ?? own + scratch.scores
            if kept == nil {
                attend(
                    prompt, first, count, keys: own + scratch.keys, values: own + scratch.values, placed: placed,
                    scores: scores, panels: panels, sum: own + scratch.sum)
            }
            normSlope(prompt, first, count, outputGradient, kept, scratch, own, channelSums: channelSums)
            // dP = U dZᵀ and dU += P dZ
            product.packRight(
                MatrixView(slope, rowStride: channels).transposed, columns: count, depth: channels, into: panels)
            product.multiply(
                left: own + scratch.valueRows, right: panels, m: rows, n: count, k: channels, into: slopes, ldc: count)
            product.packLeft(MatrixView(scores, rowStride: count), rows: rows, depth: count, into: left)
            product.multiply(
                left: left, rows: MatrixView(slope, rowStride: channels), panels: panels, m: rows, n: channels,
                k: count,
                beta: beta, into: valueSums, ldc: channels)
            // dS, ds and dB += dS (X + E)
            table.scores.groupSoftmaxBackward(scores, slopes, heads, rows / heads, count, count)
            for row in 0..<rows { biasSums[row] += Float(table.rows.sum(slopes + row * count, count)) }
            product.packLeft(MatrixView(slopes, rowStride: count), rows: rows, depth: count, into: left)
            product.multiply(
                left: left, rows: placed, panels: panels, m: rows, n: channels, k: count, beta: beta, into: keySums,
                ldc: channels)
            beta = 1
            guard let imageGradient else { return }
            // dX = dZ + dSᵀ B, the first prompt of a shared picture on top of what was there.
            let target = imageGradient.target + ((isImageShared ? 0 : prompt * cells) + first) * channels
            let keep = isImageShared && prompt > 0 ? 1 : imageGradient.keep
            table.elementwise.scaleAdd(1, slope, keep, target, count * channels)
            product.packLeft(MatrixView(slopes, rowStride: count).transposed, rows: count, depth: rows, into: left)
            product.multiply(
                left: left, right: own + scratch.keyRows, m: count, n: channels, k: rows, beta: 1, into: target,
                ldc: channels)
        }
    }

    /// From the gradient of Y to that of the sum before the norm, in scratch; adds to the sums over cells of b's gradient
    /// and the norm's. A sum that was not kept is in scratch.
    private func normSlope(
        _ prompt: Int, _ first: Int, _ count: Int, _ outputGradient: UnsafePointer<Float>, _ kept: Kept?,
        _ scratch: BackwardScratch, _ own: UnsafeMutablePointer<Float>, channelSums: UnsafeMutablePointer<Float>
    ) {
        let cell = prompt * cells + first
        var sums = NormedSums(own + scratch.sum, statistics: own + scratch.statistics, pitch: Self.cellsPerTile)
        if let kept {
            let floats = kept.sums.load(
                cell * channels, count: count * channels, into: own + scratch.sum, table.conversions)
            sums = NormedSums(floats, statistics: kept.statistics + cell, pitch: prompts * cells)
        } else {
            norm(sums, count, into: own + scratch.slope)
        }
        norm.slope(
            sums, count, outputGradient + cell * channels, into: own + scratch.slope, channelSums: channelSums)
    }
}
