internal import KernelABI
private import Runtime

/// Multi-head self-attention within square windows of a picture that need not be a multiple of them.
///
/// Windows at the right and the bottom are filled up with tokens of zero, as in the reference; their keys and values are
/// the bias of the projection, which is all that exists of them here: they are neither projected nor asked, and no copy
/// of the picture is cut up.
///
/// Shapes: B pictures of H by W tokens, windows of S by S, C = heads * headSize channels; queries, keys and values lie
/// side by side, [B, H, W, 3 C].
///
/// Relative position is decomposed, as in SAM, or a value for each distance, as in TinyViT.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct WindowAttention: @unchecked Sendable {
    /// How a row of the projection holds a token's queries, keys and values.
    package enum Arrangement: Sendable {
        /// The queries of all heads, then the keys, then the values.
        case byPart
        /// Query, key and value of the first head, then of the second.
        case byHead
    }

    /// What a pair of tokens in a window gains by its position.
    package enum Position {
        /// Decomposed, from tables of [2 S - 1, headSize] each.
        case tables(height: UnsafePointer<Float>, width: UnsafePointer<Float>)
        /// [heads, S * S]: a value for each distance in lines and columns.
        case offsets(UnsafePointer<Float>)
    }

    let batch: Int
    let heads: Int
    let grid: WindowedGrid
    let sizes: AttentionSizes
    /// [B, H, W, 3 C]
    let qkv: UnsafePointer<Float>
    /// [3 C]: what the projection gives for a token of zero.
    let bias: UnsafePointer<Float>
    let arrangement: Arrangement
    let tables: PositionTables
    let offsets: OffsetBiases?
    let table: KernelTable

    /// - Parameters:
    ///   - qkv: [B, H, W, 3 C].
    ///   - bias: [3 C], arranged as `qkv`: the projection of the places of a window that have no token.
    package init(
        batch: Int, height: Int, width: Int, window: Int, heads: Int, headSize: Int, qkv: UnsafePointer<Float>,
        bias: UnsafePointer<Float>, arrangement: Arrangement = .byPart, position: Position
    ) {
        precondition(
            batch >= 0 && height >= 1 && width >= 1 && window >= 1 && heads >= 1 && headSize >= 1,
            "window attention of \(batch) x \(height) x \(width), windows of \(window), \(heads) heads of \(headSize)")
        self.batch = batch
        self.heads = heads
        grid = WindowedGrid(height: height, width: width, window: window)
        self.qkv = qkv
        self.bias = bias
        self.arrangement = arrangement
        table = Kernels.table
        let found: (height: UnsafePointer<Float>, width: UnsafePointer<Float>)?
        switch position {
        case .tables(let height, let width):
            found = (height, width)
            offsets = nil
        case .offsets(let values):
            found = nil
            offsets = OffsetBiases(values, heads: heads, grid: grid, lanes: table.attention.columns / 2)
        }
        // Kernels know of a grid only where they look at tables.
        let side = found == nil ? 0 : window
        sizes = AttentionSizes(
            queries: window * window, keys: window * window, headSize: headSize, gridHeight: side, gridWidth: side)
        tables = PositionTables(found, sizes: sizes, table: table)
    }

    /// Heads of windows of pictures: what one task treats at a time.
    var items: Int { batch * grid.windows * heads }
    var channels: Int { heads * sizes.headSize }

    /// Floats of the panels of one head's keys (lanes) by channels (steps).
    var keyPanelCount: Int { AttentionSizes.padded(sizes.keys, to: table.attention.rows) * sizes.headSize }
    /// Floats of the panels of one head's channels (lanes) by keys (steps).
    var channelPanelCount: Int { AttentionSizes.padded(sizes.headSize, to: table.attention.rows) * sizes.keys }

    /// One item: a head of a window of a picture.
    struct Item {
        let image: Int
        let window: WindowedGrid.Window
        let head: Int
    }

    func item(_ index: Int) -> Item {
        Item(
            image: index / heads / grid.windows, window: grid.window(index / heads % grid.windows),
            head: index % heads)
    }

    /// The first channel of a head's queries (0), keys (1) or values (2) in a row of the projection.
    func channel(ofPart part: Int, head: Int) -> Int {
        switch arrangement {
        case .byPart: part * channels + head * sizes.headSize
        case .byHead: (3 * head + part) * sizes.headSize
        }
    }

    /// First element of a token's row among rows of `width` channels.
    func row(_ item: Item, token: Int, width: Int) -> Int {
        (item.image * grid.height * grid.width + token) * width
    }

    /// Copies a head's queries (0), keys (1) or values (2) of the tokens that exist, one after the other.
    func gatherTokens(_ item: Item, part: Int, into rows: UnsafeMutablePointer<Float>) {
        gather(qkv + channel(ofPart: part, head: item.head), width: 3 * channels, item, into: rows)
    }

    /// Copies a head's rows of the tokens that exist out of rows of C channels, one after the other.
    func gatherHead(_ source: UnsafePointer<Float>, _ item: Item, into rows: UnsafeMutablePointer<Float>) {
        gather(source + item.head * sizes.headSize, width: channels, item, into: rows)
    }

    /// Copies the first channels of the tokens that exist out of rows of `width` channels, one after the other.
    private func gather(
        _ source: UnsafePointer<Float>, width: Int, _ item: Item, into rows: UnsafeMutablePointer<Float>
    ) {
        let size = sizes.headSize
        var target = rows
        item.window.forEachToken(in: grid) { token, _ in
            target.update(from: source + row(item, token: token, width: width), count: size)
            target += size
        }
    }

    /// Copies rows to the first channels of the tokens that exist.
    func scatter(_ rows: UnsafePointer<Float>, _ item: Item, width: Int, into target: UnsafeMutablePointer<Float>) {
        let size = sizes.headSize
        var source = rows
        item.window.forEachToken(in: grid) { token, _ in
            (target + row(item, token: token, width: width)).update(from: source, count: size)
            source += size
        }
    }

    /// A head's keys (1) or values (2) at every place of the window, the bias where no token is.
    func gatherPlaces(_ item: Item, part: Int, into rows: UnsafeMutablePointer<Float>) {
        let size = sizes.headSize
        let channel = channel(ofPart: part, head: item.head)
        if item.window.count < sizes.keys {
            let padding = bias + channel
            for place in 0..<sizes.keys { (rows + place * size).update(from: padding, count: size) }
        }
        let source = qkv + channel
        item.window.forEachToken(in: grid) { token, place in
            (rows + place * size).update(from: source + row(item, token: token, width: 3 * channels), count: size)
        }
    }

    func packByKey(_ rows: UnsafePointer<Float>, into panels: UnsafeMutablePointer<Float>) {
        table.gemm.packPanels(
            rows, sizes.headSize, 1, sizes.keys, sizes.headSize, table.attention.rows, 1, panels)
    }

    func packByChannel(_ rows: UnsafePointer<Float>, into panels: UnsafeMutablePointer<Float>) {
        table.gemm.packPanels(
            rows, 1, sizes.headSize, sizes.headSize, sizes.keys, table.attention.rows, 1, panels)
    }

    /// Writes the attention's result, and what `backward` needs.
    ///
    /// - Parameters:
    ///   - output: [B, H, W, C].
    ///   - statistics: [2, B * windows * heads, S * S]: largest scores, then reciprocal sums; or nil.
    package func forward(output: UnsafeMutablePointer<Float>, statistics: UnsafeMutablePointer<Float>?) {
        var layout = ScratchLayout()
        let rowCount = sizes.keys * sizes.headSize
        let queryOffset = layout.add(rowCount)
        let rowOffset = layout.add(rowCount)
        let keyOffset = layout.add(keyPanelCount)
        let valueOffset = layout.add(channelPanelCount)
        let scratchOffset = layout.add(
            AttentionForward.scratchCount(sizes, rows: table.attention.rows, columns: table.attention.columns))
        let (total, items) = (layout.total, items)
        let biasCount = offsets?.panelsCount ?? 0
        tables.withPanels { panels in
            BufferPool.withBuffer(biasCount + max(1, min(Workers.count, items)) * total) { memory in
                offsets?.fillPanels(memory)
                nonisolated(unsafe) let (biases, buffer) = (memory, memory + biasCount)
                nonisolated(unsafe) let (output, statistics) = (output, statistics)
                Workers.forEachChunk(of: items, grain: 1) { range, worker in
                    let own = buffer + worker * total
                    let (queries, rows) = (own + queryOffset, own + rowOffset)
                    for index in range {
                        let item = item(index)
                        gatherTokens(item, part: 0, into: queries)
                        gatherPlaces(item, part: 1, into: rows)
                        packByKey(rows, into: own + keyOffset)
                        gatherPlaces(item, part: 2, into: rows)
                        packByChannel(rows, into: own + valueOffset)
                        let place = index * sizes.queries
                        item.window.withPlaces { places in
                            table.attention.forward(
                                AttentionForward(
                                    sizes: sizes, firstQuery: 0, places: places, count: item.window.count,
                                    query: queries, queryStride: sizes.headSize, keyPanels: own + keyOffset,
                                    valuePanels: own + valueOffset, heightPanels: panels.height,
                                    widthPanels: panels.width,
                                    biases: offsets.map { biases + $0.panel(item.window, head: item.head) },
                                    output: rows, outputStride: sizes.headSize,
                                    maxima: statistics.map { $0 + place },
                                    reciprocals: statistics.map { $0 + items * sizes.queries + place },
                                    scratch: own + scratchOffset))
                        }
                        scatter(rows, item, width: channels, into: output + item.head * sizes.headSize)
                    }
                }
            }
        }
    }
}
