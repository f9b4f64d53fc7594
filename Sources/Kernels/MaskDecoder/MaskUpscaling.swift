internal import KernelABI
private import Runtime

/// From a picture of tokens to masks at four times its side: two transposed convolutions of size and stride 2, a norm
/// after the first, GELU after both, and the product of each pixel with the masks' filters.
///
/// Such a convolution gives each cell four pixels of its own, so that a cell's 16 pixels depend on that cell alone: all of
/// it runs tile by tile in cache, in an order of pixels by cells, and only the masks are put in the order of rows.
///
/// Shapes: P prompts, G side of the grid, C channels, C1 and C2 channels after the first and second convolution, M masks.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint cells.
package struct MaskUpscaling: @unchecked Sendable {
    package struct Sizes: Sendable {
        package var prompts: Int
        package var grid: Int
        package var channels: Int
        package var firstChannels: Int
        package var secondChannels: Int
        package var masks: Int

        package init(
            prompts: Int, grid: Int, channels: Int, firstChannels: Int, secondChannels: Int, masks: Int
        ) {
            self.prompts = prompts
            self.grid = grid
            self.channels = channels
            self.firstChannels = firstChannels
            self.secondChannels = secondChannels
            self.masks = masks
        }

        var cells: Int { grid * grid }
        /// Pixels of a mask.
        package var pixels: Int { 16 * grid * grid }
    }

    package struct Operands {
        /// [P, G * G, C]
        package var image: UnsafePointer<Float>
        /// [C, 4 C1]: for each of a cell's pixels (row, column) its channels.
        package var firstWeight: UnsafePointer<Float>
        /// [4 C1]
        package var firstBias: UnsafePointer<Float>
        /// [C1]
        package var normWeight: UnsafePointer<Float>
        /// [C1]
        package var normBias: UnsafePointer<Float>
        package var epsilon: Float
        /// [C1, 4 C2]
        package var secondWeight: UnsafePointer<Float>
        /// [4 C2]
        package var secondBias: UnsafePointer<Float>
        /// [P, M, C2]
        package var filters: UnsafePointer<Float>

        package init(
            image: UnsafePointer<Float>, firstWeight: UnsafePointer<Float>, firstBias: UnsafePointer<Float>,
            normWeight: UnsafePointer<Float>, normBias: UnsafePointer<Float>, epsilon: Float,
            secondWeight: UnsafePointer<Float>, secondBias: UnsafePointer<Float>, filters: UnsafePointer<Float>
        ) {
            self.image = image
            self.firstWeight = firstWeight
            self.firstBias = firstBias
            self.normWeight = normWeight
            self.normBias = normBias
            self.epsilon = epsilon
            self.secondWeight = secondWeight
            self.secondBias = secondBias
            self.filters = filters
        }
    }

    /// Cells in one task: a sum over cells is cut here whatever the threads do.
    static let cellsPerTask = 768
    /// Cells treated at a time: whole panels of rows at every level of the kernels; with SAM's sizes a tile in all its
    /// forms and both weights take 0.8 MB of the second-level cache.
    static let cellsPerTile = 96

    let sizes: Sizes
    let operands: Operands
    let product: PanelProduct
    let table: KernelTable

    package init(_ sizes: Sizes, _ operands: Operands) {
        precondition(
            sizes.prompts >= 1 && sizes.grid >= 1 && sizes.channels >= 1 && sizes.firstChannels >= 1
                && sizes.secondChannels >= 1 && sizes.masks >= 1, "mask upscaling of \(sizes)")
        self.sizes = sizes
        self.operands = operands
        table = Kernels.table
        product = PanelProduct(table.gemm)
    }

    var cellTasks: CellTasks {
        CellTasks(cells: sizes.cells, perTask: Self.cellsPerTask, perTile: Self.cellsPerTile)
    }
    var tasksPerPrompt: Int { cellTasks.count }
    var firstWidth: Int { 4 * sizes.firstChannels }
    var secondWidth: Int { 4 * sizes.secondChannels }

    /// The weights as right operands, packed once for all tasks.
    struct PackedWeights: @unchecked Sendable {
        let first: UnsafeMutablePointer<Float>
        let second: UnsafeMutablePointer<Float>
    }

    /// Floats of both packed weights.
    var packedWeightsCount: Int {
        firstPackedCount + product.rightCount(columns: secondWidth, depth: sizes.firstChannels)
    }
    private var firstPackedCount: Int { product.rightCount(columns: firstWidth, depth: sizes.channels) }

    func packWeights(into memory: UnsafeMutablePointer<Float>) -> PackedWeights {
        let packed = PackedWeights(first: memory, second: memory + firstPackedCount)
        product.packRight(
            MatrixView(operands.firstWeight, rowStride: firstWidth), columns: firstWidth, depth: sizes.channels,
            into: packed.first)
        product.packRight(
            MatrixView(operands.secondWeight, rowStride: secondWidth), columns: secondWidth,
            depth: sizes.firstChannels, into: packed.second)
        return packed
    }

    /// A tile on its way up: where each of its forms goes. Two may be the same memory where one is not wanted later.
    struct TileForms {
        /// After the first convolution: [count, 4 C1].
        let first: UnsafeMutablePointer<Float>
        /// After the norm: [4 count, C1].
        let normed: UnsafeMutablePointer<Float>
        /// After the first GELU.
        let activated: UnsafeMutablePointer<Float>
        /// After the second convolution: [16 count, C2].
        let second: UnsafeMutablePointer<Float>
        /// After the second GELU.
        let pixels: UnsafeMutablePointer<Float>
        /// The norm's means and reciprocal deviations, 4 a cell, or nil.
        let statistics: UnsafeMutablePointer<Float>?
        /// A packed left operand.
        let left: UnsafeMutablePointer<Float>
        /// Whether GELU's slopes take the places of what it was given, `normed` and `second`.
        var wantsSlopes = false

        func gelu(
            _ input: UnsafeMutablePointer<Float>, _ value: UnsafeMutablePointer<Float>, _ count: Int,
            _ kernels: ElementwiseKernels
        ) {
            if wantsSlopes {
                kernels.geluAndSlope(input, value, input, count)
            } else {
                kernels.gelu(input, value, count)
            }
        }
    }

    /// Floats of the packed left operands of ``lift``.
    var liftPanelCount: Int {
        max(
            product.leftCount(rows: Self.cellsPerTile, depth: sizes.channels),
            product.leftCount(rows: 4 * Self.cellsPerTile, depth: sizes.firstChannels))
    }

    /// Takes a tile of cells through both convolutions.
    ///
    /// - Parameters:
    ///   - kept: where to leave what the first convolution gives, or nil.
    ///   - knowsFirst: whether that is there already.
    func lift(
        _ prompt: Int, _ first: Int, _ count: Int, _ weights: PackedWeights, _ forms: TileForms,
        kept: KeptFloats? = nil, knowsFirst: Bool = false
    ) {
        let c1 = sizes.firstChannels
        if !knowsFirst {
            let image = operands.image + (prompt * sizes.cells + first) * sizes.channels
            table.touch(image, count * sizes.channels)
            product.packLeft(
                MatrixView(image, rowStride: sizes.channels), rows: count, depth: sizes.channels, into: forms.left)
            product.multiply(
                left: forms.left, right: weights.first, m: count, n: firstWidth, k: sizes.channels,
                bias: operands.firstBias, into: forms.first, ldc: firstWidth)
            kept?.store(
                forms.first, at: firstPlace(prompt, first), count: count * firstWidth, table.conversions)
        }
        table.rows.layerNorm(
            forms.first, operands.normWeight, operands.normBias, operands.epsilon, 4 * count, c1, forms.normed,
            forms.statistics, forms.statistics.map { $0 + 4 * Self.cellsPerTile })
        forms.gelu(forms.normed, forms.activated, count * firstWidth, table.elementwise)
        product.packLeft(MatrixView(forms.activated, rowStride: c1), rows: 4 * count, depth: c1, into: forms.left)
        product.multiply(
            left: forms.left, right: weights.second, m: 4 * count, n: secondWidth, k: c1, bias: operands.secondBias,
            into: forms.second, ldc: secondWidth)
        forms.gelu(forms.second, forms.pixels, 4 * count * secondWidth, table.elementwise)
    }

    /// Calls `body` with the place of each pixel of some cells: its index by cells, and in the order of rows.
    ///
    /// A cell's pixels come as (row, column) of the first convolution, then (row, column) of the second.
    func forEachPixel(first: Int, count: Int, _ body: (_ byCell: Int, _ inMask: Int) -> Void) {
        let side = 4 * sizes.grid
        for cell in 0..<count {
            let corner = (first + cell) / sizes.grid * 4 * side + (first + cell) % sizes.grid * 4
            for pixel in 0..<16 {
                let row = 2 * (pixel / 8) + pixel / 2 % 2
                let column = 2 * (pixel / 4 % 2) + pixel % 2
                body(16 * cell + pixel, corner + row * side + column)
            }
        }
    }

    /// Numbers of what the first convolution gives, which the way back can use: [P, G * G, 4 C1].
    package var firstCount: Int { sizes.prompts * sizes.cells * firstWidth }

    /// The place of a tile's part of what the first convolution gives.
    func firstPlace(_ prompt: Int, _ start: Int) -> Int { (prompt * sizes.cells + start) * firstWidth }

    /// Writes the masks' logits: [P, M, 4 G, 4 G].
    ///
    /// - Parameter kept: where to leave what the first convolution gives, of ``firstCount`` numbers, or nil.
    package func forward(output: UnsafeMutablePointer<Float>, kept: KeptFloats? = nil) {
        let tile = Self.cellsPerTile
        // Nothing is summed over cells on the way forward: a tile is a task, so that the last one keeps nobody waiting.
        let tilesPerPrompt = (sizes.cells + tile - 1) / tile
        let tasks = sizes.prompts * tilesPerPrompt
        var layout = ScratchLayout()
        let firstOffset = layout.add(tile * firstWidth)
        let secondOffset = layout.add(4 * tile * secondWidth)
        let leftOffset = layout.add(liftPanelCount)
        let logitOffset = layout.add(16 * tile)
        let workers = max(1, min(Workers.count, tasks))
        BufferPool.withBuffer(packedWeightsCount + workers * layout.total) { memory in
            let weights = packWeights(into: memory)
            nonisolated(unsafe) let (scratch, output) = (memory + packedWeightsCount, output)
            let total = layout.total
            Workers.forEachChunk(of: tasks, grain: 1) { range, worker in
                let own = scratch + worker * total
                let (first, second, logits) = (own + firstOffset, own + secondOffset, own + logitOffset)
                for task in range {
                    let prompt = task / tilesPerPrompt
                    let start = task % tilesPerPrompt * tile
                    let count = min(tile, sizes.cells - start)
                    let forms = TileForms(
                        first: kept?.place(firstPlace(prompt, start), scratch: first) ?? first, normed: first,
                        activated: first,
                        second: second, pixels: second, statistics: nil, left: own + leftOffset)
                    lift(prompt, start, count, weights, forms, kept: kept)
                    for mask in 0..<sizes.masks {
                        let index = prompt * sizes.masks + mask
                        table.filters.rowDots(
                            second, 16 * count, sizes.secondChannels,
                            operands.filters + index * sizes.secondChannels, logits)
                        let target = output + index * sizes.pixels
                        forEachPixel(first: start, count: count) { target[$1] = logits[$0] }
                    }
                }
            }
        }
    }
}
