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
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct WindowAttention: @unchecked Sendable {
    let batch: Int
    let heads: Int
    let grid: WindowedGrid
    let sizes: AttentionSizes
    /// [B, H, W, 3 C]
    let qkv: UnsafePointer<Float>
    /// [3 C]: what the projection gives for a token of zero.
    let bias: UnsafePointer<Float>
    let tables: PositionTables
    let table: KernelTable

    /// - Parameter tables: of relative position in a window, [2 S - 1, headSize] each.
    package init(
        batch: Int, height: Int, width: Int, window: Int, heads: Int, headSize: Int, qkv: UnsafePointer<Float>,
        bias: UnsafePointer<Float>, tables: (height: UnsafePointer<Float>, width: UnsafePointer<Float>)
    ) {
        precondition(
            batch >= 0 && height >= 1 && width >= 1 && window >= 1 && heads >= 1 && headSize >= 1,
            "window attention of \(batch) x \(height) x \(width), windows of \(window), \(heads) heads of \(headSize)")
        self.batch = batch
        self.heads = heads
        grid = WindowedGrid(height: height, width: width, window: window)
        sizes = AttentionSizes(
            queries: window * window, keys: window * window, headSize: headSize, gridHeight: window,
            gridWidth: window)
        self.qkv = qkv
        self.bias = bias
        table = Kernels.table
        self.tables = PositionTables(tables, sizes: sizes, table: table)
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

    /// First element of a token's part for a head, among rows of `width` channels.
    func offset(_ item: Item, token: Int, width: Int) -> Int {
        (item.image * grid.height * grid.width + token) * width + item.head * sizes.headSize
    }

    /// Copies a head's queries (0), keys (1) or values (2) of the tokens that exist, one after the other.
    func gatherTokens(_ item: Item, part: Int, into rows: UnsafeMutablePointer<Float>) {
        gather(qkv + part * channels, width: 3 * channels, item, into: rows)
    }

    /// Copies a head's rows of the tokens that exist out of rows of `width` channels, one after the other.
    func gather(
        _ source: UnsafePointer<Float>, width: Int, _ item: Item, into rows: UnsafeMutablePointer<Float>
    ) {
        let size = sizes.headSize
        var target = rows
        item.window.forEachToken(in: grid) { token, _ in
            target.update(from: source + offset(item, token: token, width: width), count: size)
            target += size
        }
    }

    /// The way back of ``gather(_:width:_:into:)``.
    func scatter(_ rows: UnsafePointer<Float>, _ item: Item, width: Int, into target: UnsafeMutablePointer<Float>) {
        let size = sizes.headSize
        var source = rows
        item.window.forEachToken(in: grid) { token, _ in
            (target + offset(item, token: token, width: width)).update(from: source, count: size)
            source += size
        }
    }

    /// A head's keys (1) or values (2) at every place of the window, the bias where no token is.
    func gatherPlaces(_ item: Item, part: Int, into rows: UnsafeMutablePointer<Float>) {
        let size = sizes.headSize
        if item.window.count < sizes.keys {
            let padding = bias + part * channels + item.head * size
            for place in 0..<sizes.keys { (rows + place * size).update(from: padding, count: size) }
        }
        let source = qkv + part * channels
        item.window.forEachToken(in: grid) { token, place in
            (rows + place * size).update(from: source + offset(item, token: token, width: 3 * channels), count: size)
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
        tables.withPanels { panels in
            BufferPool.withBuffer(max(1, min(Workers.count, items)) * total) { buffer in
                nonisolated(unsafe) let (buffer, output, statistics) = (buffer, output, statistics)
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
                                    widthPanels: panels.width, output: rows, outputStride: sizes.headSize,
                                    maxima: statistics.map { $0 + place },
                                    reciprocals: statistics.map { $0 + items * sizes.queries + place },
                                    scratch: own + scratchOffset))
                        }
                        scatter(rows, item, width: channels, into: output)
                    }
                }
            }
        }
    }
}
