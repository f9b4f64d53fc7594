/// The kernels of attention for one head, scores transposed: keys run down, queries across the lanes.
///
/// So the scores of a block of queries come out of the register tile in the layout that the product with the values
/// wants, and the softmax is sums and maxima of whole registers.
package struct AttentionKernels: Sendable {
    /// Rows of the register tile, the width of the panels of keys and values.
    package let rows: Int
    /// Queries in a block.
    package let columns: Int
    package let forward: @Sendable (AttentionForward) -> Void
    package let backward: @Sendable (AttentionBackward) -> Void

    package init(
        rows: Int, columns: Int, forward: @escaping @Sendable (AttentionForward) -> Void,
        backward: @escaping @Sendable (AttentionBackward) -> Void
    ) {
        self.rows = rows
        self.columns = columns
        self.forward = forward
        self.backward = backward
    }

    /// Keys whose scores exist at a time.
    package static let keyTile = 128
}

/// The sizes of one head's attention.
package struct AttentionSizes: Sendable {
    package let queries: Int
    package let keys: Int
    package let headSize: Int
    /// headSize ^ -0.5
    package let scale: Float
    /// The grid of the relative position, or 0 by 0 where there is none.
    package let gridHeight: Int
    package let gridWidth: Int

    package init(queries: Int, keys: Int, headSize: Int, gridHeight: Int, gridWidth: Int) {
        self.queries = queries
        self.keys = keys
        self.headSize = headSize
        self.scale = 1 / Float(headSize).squareRoot()
        self.gridHeight = gridHeight
        self.gridWidth = gridWidth
    }

    /// Whether scores gain terms of relative position.
    package var hasGrid: Bool { gridHeight > 0 }
    /// Rows of the tables of relative position.
    package var heightRows: Int { max(0, 2 * gridHeight - 1) }
    package var widthRows: Int { max(0, 2 * gridWidth - 1) }

    /// `count` rounded up to a multiple of `unit`.
    package static func padded(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }
}

/// One head's forward pass over some of its queries.
///
/// Panels are what ``GEMMKernels/packPanels`` makes with a width of ``AttentionKernels/rows``.
package struct AttentionForward {
    package var sizes: AttentionSizes
    /// The first query's place in the grid, or in `places`.
    package var firstQuery: Int
    /// Each query's place in the grid where these are not all of its places in their order, or nil.
    package var places: UnsafePointer<Int32>?
    /// Queries to compute, from `query` on.
    package var count: Int
    package var query: FloatInput
    /// Elements from one query (and one row of the output) to the next.
    package var queryStride: Int
    /// Lanes: keys; steps: channels.
    package var keyPanels: FloatInput
    /// Lanes: channels; steps: keys.
    package var valuePanels: FloatInput
    /// Lanes: rows of the table; steps: channels; scaled by 1 / scale, since they meet scaled queries.
    package var heightPanels: FloatInput
    package var widthPanels: FloatInput
    /// What is added to the scores, or nil: for each block of queries (two registers of them; the last one as many as it
    /// takes) a row of lanes for each key.
    package var biases: FloatInput?
    package var output: FloatOutput
    package var outputStride: Int
    /// For each query the largest score and the reciprocal of the sum of exponentials, for backward; or nil.
    package var maxima: FloatOutput?
    package var reciprocals: FloatOutput?
    /// At least ``scratchCount(_:rows:columns:)`` floats.
    package var scratch: FloatOutput

    package init(
        sizes: AttentionSizes, firstQuery: Int, places: UnsafePointer<Int32>? = nil, count: Int, query: FloatInput,
        queryStride: Int, keyPanels: FloatInput, valuePanels: FloatInput, heightPanels: FloatInput,
        widthPanels: FloatInput, biases: FloatInput? = nil, output: FloatOutput,
        outputStride: Int, maxima: FloatOutput?, reciprocals: FloatOutput?, scratch: FloatOutput
    ) {
        self.sizes = sizes
        self.firstQuery = firstQuery
        self.places = places
        self.count = count
        self.query = query
        self.queryStride = queryStride
        self.keyPanels = keyPanels
        self.valuePanels = valuePanels
        self.heightPanels = heightPanels
        self.widthPanels = widthPanels
        self.biases = biases
        self.output = output
        self.outputStride = outputStride
        self.maxima = maxima
        self.reciprocals = reciprocals
        self.scratch = scratch
    }

    /// Floats of scratch for the forward pass: queries, scores, sums, terms of relative position.
    package static func scratchCount(_ sizes: AttentionSizes, rows: Int, columns: Int) -> Int {
        let channels = AttentionSizes.padded(sizes.headSize, to: rows)
        let table = AttentionSizes.padded(max(sizes.heightRows, sizes.widthRows), to: rows)
        let lines =
            2 * channels + AttentionSizes.padded(AttentionKernels.keyTile, to: rows) + table + sizes.gridHeight
            + sizes.gridWidth
        return lines * columns
    }
}

/// One head's backward pass: scores are computed again, tile by tile, from what ``AttentionForward`` noted.
package struct AttentionBackward {
    package var sizes: AttentionSizes
    /// Each query's place in the grid where these are not all of its places in their order, or nil.
    package var places: UnsafePointer<Int32>?
    package var query: FloatInput
    package var output: FloatInput
    package var outputGradient: FloatInput
    /// Elements from one query to the next, in the queries and in their gradient.
    package var queryStride: Int
    /// The same in the output and its gradient.
    package var outputStride: Int
    package var maxima: FloatInput
    package var reciprocals: FloatInput
    /// Lanes: keys; steps: channels.
    package var keyPanels: FloatInput
    /// Lanes: keys; steps: channels.
    package var valuePanels: FloatInput
    /// Lanes: channels; steps: keys.
    package var keyColumnPanels: FloatInput
    /// Lanes: rows of the table; steps: channels; scaled by 1 / scale.
    package var heightPanels: FloatInput
    package var widthPanels: FloatInput
    /// Lanes: channels; steps: rows of the table; scaled by 1 / scale.
    package var heightColumnPanels: FloatInput
    package var widthColumnPanels: FloatInput
    /// As in ``AttentionForward``.
    package var biases: FloatInput?
    /// Written in the same order, or nil.
    package var biasGradient: FloatOutput?
    /// Written, a row a query, `queryStride` apart.
    package var queryGradient: FloatOutput
    /// Added to, padded keys by ``gradientColumns(_:columns:)``.
    package var keyGradient: FloatOutput
    package var valueGradient: FloatOutput
    /// Added to, padded rows of the table by ``gradientColumns(_:columns:)``, times scale.
    package var heightGradient: FloatOutput
    package var widthGradient: FloatOutput
    /// At least ``scratchCount(_:rows:columns:)`` floats.
    package var scratch: FloatOutput

    package init(
        sizes: AttentionSizes, places: UnsafePointer<Int32>? = nil, query: FloatInput, output: FloatInput,
        outputGradient: FloatInput, queryStride: Int, outputStride: Int, maxima: FloatInput, reciprocals: FloatInput,
        keyPanels: FloatInput,
        valuePanels: FloatInput, keyColumnPanels: FloatInput, heightPanels: FloatInput, widthPanels: FloatInput,
        heightColumnPanels: FloatInput, widthColumnPanels: FloatInput, biases: FloatInput? = nil,
        biasGradient: FloatOutput? = nil, queryGradient: FloatOutput,
        keyGradient: FloatOutput, valueGradient: FloatOutput, heightGradient: FloatOutput, widthGradient: FloatOutput,
        scratch: FloatOutput
    ) {
        self.sizes = sizes
        self.places = places
        self.query = query
        self.output = output
        self.outputGradient = outputGradient
        self.queryStride = queryStride
        self.outputStride = outputStride
        self.maxima = maxima
        self.reciprocals = reciprocals
        self.keyPanels = keyPanels
        self.valuePanels = valuePanels
        self.keyColumnPanels = keyColumnPanels
        self.heightPanels = heightPanels
        self.widthPanels = widthPanels
        self.heightColumnPanels = heightColumnPanels
        self.widthColumnPanels = widthColumnPanels
        self.biases = biases
        self.biasGradient = biasGradient
        self.queryGradient = queryGradient
        self.keyGradient = keyGradient
        self.valueGradient = valueGradient
        self.heightGradient = heightGradient
        self.widthGradient = widthGradient
        self.scratch = scratch
    }

    /// Columns of the gradients of keys, values and tables: the head size, padded to whole register tiles.
    package static func gradientColumns(_ sizes: AttentionSizes, columns: Int) -> Int {
        AttentionSizes.padded(sizes.headSize, to: columns)
    }

    /// Floats of scratch for the backward pass.
    package static func scratchCount(_ sizes: AttentionSizes, rows: Int, columns: Int) -> Int {
        let channels = AttentionSizes.padded(sizes.headSize, to: rows)
        let tile = AttentionSizes.padded(AttentionKernels.keyTile, to: rows)
        let table = AttentionSizes.padded(max(sizes.heightRows, sizes.widthRows), to: rows)
        // Queries, output gradients, query gradients; scores and their gradients; products; terms and their gradients;
        // three rows of statistics. Then queries and output gradients once more, a row a query.
        let lines = 3 * channels + 2 * tile + table + 2 * (sizes.gridHeight + sizes.gridWidth) + 3
        return lines * columns + 2 * columns * gradientColumns(sizes, columns: columns)
    }
}
