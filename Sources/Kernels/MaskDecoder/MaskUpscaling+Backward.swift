internal import KernelABI
private import Runtime

extension MaskUpscaling {
    /// Where the gradients go; each but the picture's is written.
    package struct Gradients {
        /// [P, G * G, C], with the factor of what it holds already (0: it is not read); or nil.
        package var image: (target: UnsafeMutablePointer<Float>, keep: Float)?
        /// [P, M, C2]
        package var filters: UnsafeMutablePointer<Float>
        /// Of the weights and biases of both convolutions and of the norm, one after the other in the order of
        /// ``MaskUpscaling/weightCounts``.
        package var weights: UnsafeMutablePointer<Float>

        package init(
            image: (target: UnsafeMutablePointer<Float>, keep: Float)?, filters: UnsafeMutablePointer<Float>,
            weights: UnsafeMutablePointer<Float>
        ) {
            self.image = image
            self.filters = filters
            self.weights = weights
        }
    }

    /// Floats of the first convolution's weight and bias, the norm's, and the second convolution's.
    package var weightCounts: [Int] {
        [
            sizes.channels * firstWidth, firstWidth, sizes.firstChannels, sizes.firstChannels,
            sizes.firstChannels * secondWidth, secondWidth,
        ]
    }

    private struct BackwardScratch {
        var layout = ScratchLayout()
        let first: Int
        let normed: Int
        let activated: Int
        let second: Int
        let pixels: Int
        let slopes: Int
        let firstSlopes: Int
        let statistics: Int
        let left: Int
        let right: Int
        let logits: Int

        init(_ call: MaskUpscaling) {
            let (product, tile, sizes) = (call.product, MaskUpscaling.cellsPerTile, call.sizes)
            let (firstWidth, secondWidth) = (call.firstWidth, call.secondWidth)
            first = layout.add(tile * firstWidth)
            normed = layout.add(tile * firstWidth)
            activated = layout.add(tile * firstWidth)
            second = layout.add(4 * tile * secondWidth)
            pixels = layout.add(4 * tile * secondWidth)
            slopes = layout.add(4 * tile * secondWidth)
            firstSlopes = layout.add(tile * firstWidth)
            statistics = layout.add(8 * tile)
            left = layout.add(
                max(
                    call.liftPanelCount, product.leftCount(rows: sizes.firstChannels, depth: 4 * tile),
                    product.leftCount(rows: 4 * tile, depth: secondWidth),
                    product.leftCount(rows: sizes.channels, depth: tile),
                    product.leftCount(rows: tile, depth: firstWidth)))
            right = layout.add(
                max(
                    product.rightCount(columns: secondWidth, depth: 4 * tile),
                    product.rightCount(columns: firstWidth, depth: tile)))
            logits = layout.add(16 * tile)
        }
    }

    /// Weights of both convolutions as right operands the other way round.
    private struct TransposedWeights: @unchecked Sendable {
        let first: UnsafeMutablePointer<Float>
        let second: UnsafeMutablePointer<Float>
    }

    private var transposedCount: (first: Int, second: Int) {
        (
            product.rightCount(columns: sizes.channels, depth: firstWidth),
            product.rightCount(columns: sizes.firstChannels, depth: secondWidth)
        )
    }

    private func packTransposed(into memory: UnsafeMutablePointer<Float>) -> TransposedWeights {
        let packed = TransposedWeights(first: memory, second: memory + transposedCount.first)
        product.packRight(
            MatrixView(operands.firstWeight, rowStride: firstWidth).transposed, columns: sizes.channels,
            depth: firstWidth, into: packed.first)
        product.packRight(
            MatrixView(operands.secondWeight, rowStride: secondWidth).transposed, columns: sizes.firstChannels,
            depth: secondWidth, into: packed.second)
        return packed
    }

    /// Computes all gradients; what the forward pass did not keep is computed again tile by tile.
    ///
    /// - Parameters:
    ///   - outputGradient: [P, M, 4 G, 4 G].
    ///   - kept: what the forward pass left of the first convolution, or nil.
    package func backward(
        outputGradient: UnsafePointer<Float>, kept: KeptFloats? = nil, into gradients: Gradients
    ) {
        let tasks = sizes.prompts * tasksPerPrompt
        let workers = max(1, min(Workers.count, tasks))
        let scratch = BackwardScratch(self)
        let weightCount = weightCounts.reduce(0, +)
        let filterCount = sizes.masks * sizes.secondChannels
        let partCount = weightCount + filterCount
        let packedCount = packedWeightsCount + transposedCount.first + transposedCount.second
        BufferPool.withBuffer(packedCount + workers * scratch.layout.total) { memory in
            let weights = packWeights(into: memory)
            let transposed = packTransposed(into: memory + packedWeightsCount)
            BufferPool.withBuffer(tasks * partCount) { parts in
                nonisolated(unsafe) let (buffer, parts, gradients) = (memory + packedCount, parts, gradients)
                nonisolated(unsafe) let outputGradient = outputGradient
                Workers.forEachChunk(of: tasks, grain: 1) { range, worker in
                    let own = buffer + worker * scratch.layout.total
                    for task in range {
                        let part = parts + task * partCount
                        part.initialize(repeating: 0, count: partCount)
                        backwardTask(
                            task, outputGradient, kept, weights, transposed, scratch, own, part, gradients.image)
                    }
                }
                // The tasks' sums, in the order of prompts and cells.
                let scaleAdd = table.elementwise.scaleAdd
                Workers.forEachChunk(of: weightCount, grain: 1 << 12) { range, _ in
                    for task in 0..<tasks {
                        scaleAdd(
                            1, parts + task * partCount + range.lowerBound, task == 0 ? 0 : 1,
                            gradients.weights + range.lowerBound, range.count)
                    }
                }
                for task in 0..<tasks {
                    scaleAdd(
                        1, parts + task * partCount + weightCount, task % tasksPerPrompt == 0 ? 0 : 1,
                        gradients.filters + task / tasksPerPrompt * filterCount, filterCount)
                }
            }
        }
    }

    private func backwardTask(
        _ task: Int, _ outputGradient: UnsafePointer<Float>, _ kept: KeptFloats?,
        _ weights: PackedWeights, _ transposed: TransposedWeights, _ scratch: BackwardScratch,
        _ own: UnsafeMutablePointer<Float>,
        _ part: UnsafeMutablePointer<Float>, _ imageGradient: (target: UnsafeMutablePointer<Float>, keep: Float)?
    ) {
        let prompt = task / tasksPerPrompt
        let counts = weightCounts
        let firstWeightSums = part
        let firstBiasSums = firstWeightSums + counts[0]
        let normSums = firstBiasSums + counts[1]
        let secondWeightSums = normSums + counts[2] + counts[3]
        let secondBiasSums = secondWeightSums + counts[4]
        let filterSums = secondBiasSums + counts[5]
        let (c1, firstWidth, secondWidth) = (sizes.firstChannels, firstWidth, secondWidth)
        let (slopes, firstSlopes) = (own + scratch.slopes, own + scratch.firstSlopes)
        let (left, right) = (own + scratch.left, own + scratch.right)
        cellTasks.forEachTile(ofTask: task) { start, count in
            let first =
                kept?.load(
                    firstPlace(prompt, start), count: count * firstWidth, into: own + scratch.first, table.conversions)
                ?? own + scratch.first
            let forms = TileForms(
                first: first, normed: own + scratch.normed,
                activated: own + scratch.activated, second: own + scratch.second, pixels: own + scratch.pixels,
                statistics: own + scratch.statistics, left: own + scratch.left, wantsSlopes: true)
            lift(prompt, start, count, weights, forms, knowsFirst: kept != nil)
            pixelSlopes(
                prompt, start, count, outputGradient, forms, logits: own + scratch.logits, into: slopes,
                filterSums: filterSums)
            // Second convolution: dW = activatedᵀ slopes, and back through it, GELU and the norm.
            table.rows.addColumnSums(slopes, 4 * count, secondWidth, secondBiasSums)
            product.packLeft(
                MatrixView(forms.activated, rowStride: c1).transposed, rows: c1, depth: 4 * count, into: left)
            product.multiply(
                left: left, rows: MatrixView(slopes, rowStride: secondWidth), panels: right, m: c1, n: secondWidth,
                k: 4 * count, beta: 1, into: secondWeightSums, ldc: secondWidth)
            product.packLeft(
                MatrixView(slopes, rowStride: secondWidth), rows: 4 * count, depth: secondWidth, into: left)
            product.multiply(
                left: left, right: transposed.second, m: 4 * count, n: c1, k: secondWidth, into: firstSlopes, ldc: c1)
            table.elementwise.multiply(firstSlopes, forms.normed, firstSlopes, count * firstWidth)
            table.rows.layerNormBackward(
                LayerNormBackward(
                    input: forms.first, gradient: firstSlopes, weight: operands.normWeight,
                    mean: own + scratch.statistics, rstd: own + scratch.statistics + 4 * Self.cellsPerTile,
                    rows: 4 * count, columns: c1, inputGradient: firstSlopes, weightGradient: normSums,
                    biasGradient: normSums + c1))
            // First convolution.
            table.rows.addColumnSums(firstSlopes, count, firstWidth, firstBiasSums)
            let cell = (prompt * sizes.cells + start) * sizes.channels
            table.touch(operands.image + cell, count * sizes.channels)
            product.packLeft(
                MatrixView(operands.image + cell, rowStride: sizes.channels).transposed, rows: sizes.channels,
                depth: count, into: left)
            product.multiply(
                left: left, rows: MatrixView(firstSlopes, rowStride: firstWidth), panels: right, m: sizes.channels,
                n: firstWidth, k: count, beta: 1, into: firstWeightSums, ldc: firstWidth)
            guard let imageGradient else { return }
            if imageGradient.keep != 0 { table.touch(imageGradient.target + cell, count * sizes.channels) }
            product.packLeft(
                MatrixView(firstSlopes, rowStride: firstWidth), rows: count, depth: firstWidth, into: left)
            product.multiply(
                left: left, right: transposed.first, m: count, n: sizes.channels, k: firstWidth,
                beta: imageGradient.keep, into: imageGradient.target + cell, ldc: sizes.channels)
        }
    }

    /// From the gradient of the masks to that of the second convolution's result; adds to the filters' gradient.
    private func pixelSlopes(
        _ prompt: Int, _ start: Int, _ count: Int, _ outputGradient: UnsafePointer<Float>, _ forms: TileForms,
        logits: UnsafeMutablePointer<Float>, into slopes: UnsafeMutablePointer<Float>,
        filterSums: UnsafeMutablePointer<Float>
    ) {
        let (rows, columns) = (16 * count, sizes.secondChannels)
        for mask in 0..<sizes.masks {
            let index = prompt * sizes.masks + mask
            let source = outputGradient + index * sizes.pixels
            forEachPixel(first: start, count: count) { logits[$0] = source[$1] }
            table.filters.outerProduct(
                logits, operands.filters + index * columns, rows, columns, slopes, mask > 0)
            table.filters.addWeightedRows(forms.pixels, logits, rows, columns, filterSums + mask * columns)
        }
        table.elementwise.multiply(slopes, forms.second, slopes, rows * columns)
    }
}
