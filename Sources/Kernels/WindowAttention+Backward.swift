internal import KernelABI
private import Runtime

extension WindowAttention {
    /// Where the gradients go; each is written, none is added to.
    package struct Gradients {
        /// [B, H, W, 3 C]
        package var qkv: UnsafeMutablePointer<Float>
        /// [3 C]: what flows to the keys and values of places without a token; that of the queries is zero.
        package var bias: UnsafeMutablePointer<Float>
        package var position: PositionGradients

        package init(
            qkv: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, position: PositionGradients
        ) {
            self.qkv = qkv
            self.bias = bias
            self.position = position
        }
    }

    /// Where the gradients of ``Position`` go, in the same shapes.
    package enum PositionGradients {
        case tables(height: UnsafeMutablePointer<Float>, width: UnsafeMutablePointer<Float>)
        case offsets(UnsafeMutablePointer<Float>)
    }

    private struct BackwardScratch {
        var layout = ScratchLayout()
        let queries: Int
        let outputs: Int
        let outputGradients: Int
        let rows: Int
        let keys: Int
        let values: Int
        let keyColumns: Int
        let queryGradients: Int
        let keyGradients: Int
        let valueGradients: Int
        let biasGradients: Int
        let kernel: Int

        init(_ call: WindowAttention) {
            let (sizes, kernels) = (call.sizes, call.table.attention)
            let rowCount = sizes.keys * sizes.headSize
            queries = layout.add(rowCount)
            outputs = layout.add(rowCount)
            outputGradients = layout.add(rowCount)
            rows = layout.add(rowCount)
            keys = layout.add(call.keyPanelCount)
            values = layout.add(call.keyPanelCount)
            keyColumns = layout.add(call.channelPanelCount)
            queryGradients = layout.add(rowCount)
            let gradientCount = AttentionSizes.padded(sizes.keys, to: kernels.rows) * call.tables.gradientColumns
            keyGradients = layout.add(gradientCount)
            valueGradients = layout.add(gradientCount)
            biasGradients = layout.add(call.offsets?.panelCount ?? 0)
            kernel = layout.add(
                AttentionBackward.scratchCount(sizes, rows: kernels.rows, columns: kernels.columns))
        }
    }

    /// Computes the gradients of all operands, item by item; those that items share are summed in the items' order.
    ///
    /// - Parameters:
    ///   - output: what the forward pass wrote.
    ///   - outputGradient: [B, H, W, C].
    ///   - statistics: what the forward pass wrote.
    ///   - gradients: where the results go.
    package func backward(
        output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
        into gradients: Gradients
    ) {
        let items = items
        let counts = tables.gradientCounts
        let tableCount = offsets?.distances ?? (counts.height + counts.width)
        let biasCount = offsets?.panelsCount ?? 0
        // Of each item: the position's gradients, then what flows to a key and a value without a token.
        let shared = items * (tableCount + 2 * sizes.headSize)
        let scratch = BackwardScratch(self)
        tables.withPanels { panels in
            let count = biasCount + shared + max(1, min(Workers.count, items)) * scratch.layout.total
            BufferPool.withBuffer(count) { memory in
                offsets?.fillPanels(memory)
                nonisolated(unsafe) let (biases, buffer) = (memory, memory + biasCount)
                buffer.initialize(repeating: 0, count: shared)
                nonisolated(unsafe) let (sums, gradients) = (buffer + items * tableCount, gradients)
                nonisolated(unsafe) let (output, outputGradient, statistics) = (output, outputGradient, statistics)
                Workers.forEachChunk(of: items, grain: 1) { range, worker in
                    let own = buffer + shared + worker * scratch.layout.total
                    for index in range {
                        let item = item(index)
                        runItem(
                            index, item, output, outputGradient, statistics, panels,
                            offsets.map { biases + $0.panel(item.window, head: item.head) },
                            buffer + index * tableCount, scratch, own)
                        scatter(
                            own + scratch.queryGradients, item, width: 3 * channels,
                            into: gradients.qkv + channel(ofPart: 0, head: item.head))
                        for (part, offset) in [(1, scratch.keyGradients), (2, scratch.valueGradients)] {
                            spread(
                                own + offset, item, into: gradients.qkv + channel(ofPart: part, head: item.head),
                                padding: sums + (2 * index + part - 1) * sizes.headSize)
                        }
                    }
                }
                switch gradients.position {
                case .tables(let height, let width):
                    tables.sumGradients(buffer, items: items, into: (height, width))
                case .offsets(let target): offsets?.sumGradients(buffer, items: items, into: target)
                }
                sumPadding(sums, into: gradients.bias)
            }
        }
    }

    private func runItem(
        _ index: Int, _ item: Item, _ output: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
        _ statistics: UnsafePointer<Float>, _ panels: PositionTables.Panels, _ biases: UnsafePointer<Float>?,
        _ positionGradients: UnsafeMutablePointer<Float>, _ scratch: BackwardScratch,
        _ own: UnsafeMutablePointer<Float>
    ) {
        let rows = own + scratch.rows
        gatherTokens(item, part: 0, into: own + scratch.queries)
        gatherHead(output, item, into: own + scratch.outputs)
        gatherHead(outputGradient, item, into: own + scratch.outputGradients)
        gatherPlaces(item, part: 1, into: rows)
        packByKey(rows, into: own + scratch.keys)
        packByChannel(rows, into: own + scratch.keyColumns)
        gatherPlaces(item, part: 2, into: rows)
        packByKey(rows, into: own + scratch.values)
        (own + scratch.keyGradients).initialize(repeating: 0, count: scratch.kernel - scratch.keyGradients)
        // Only as many queries as there are tokens.
        let present = AttentionSizes(
            queries: item.window.count, keys: sizes.keys, headSize: sizes.headSize, gridHeight: sizes.gridHeight,
            gridWidth: sizes.gridWidth)
        let place = index * sizes.queries
        item.window.withPlaces { places in
            table.attention.backward(
                AttentionBackward(
                    sizes: present, places: places, query: own + scratch.queries, output: own + scratch.outputs,
                    outputGradient: own + scratch.outputGradients, queryStride: sizes.headSize,
                    outputStride: sizes.headSize, maxima: statistics + place,
                    reciprocals: statistics + items * sizes.queries + place, keyPanels: own + scratch.keys,
                    valuePanels: own + scratch.values, keyColumnPanels: own + scratch.keyColumns,
                    heightPanels: panels.height, widthPanels: panels.width, heightColumnPanels: panels.heightColumns,
                    widthColumnPanels: panels.widthColumns, biases: biases,
                    biasGradient: biases == nil ? nil : own + scratch.biasGradients,
                    queryGradient: own + scratch.queryGradients,
                    keyGradient: own + scratch.keyGradients, valueGradient: own + scratch.valueGradients,
                    heightGradient: positionGradients,
                    widthGradient: positionGradients + tables.gradientCounts.height, scratch: own + scratch.kernel))
        }
        offsets?.addSlopes(own + scratch.biasGradients, of: item.window, to: positionGradients)
    }

    /// Hands the gradients of a window's places to their tokens, and adds up those of places that have none.
    private func spread(
        _ rows: UnsafePointer<Float>, _ item: Item, into target: UnsafeMutablePointer<Float>,
        padding: UnsafeMutablePointer<Float>
    ) {
        let (size, stride) = (sizes.headSize, tables.gradientColumns)
        item.window.forEachToken(in: grid) { token, place in
            (target + row(item, token: token, width: 3 * channels)).update(from: rows + place * stride, count: size)
        }
        for place in 0..<sizes.keys
        where place / item.window.side >= item.window.rows || place % item.window.side >= item.window.columns {
            table.elementwise.add(padding, rows + place * stride, padding, size)
        }
    }

    /// [3 C] from the items' sums of keys and values without tokens.
    private func sumPadding(_ sums: UnsafePointer<Float>, into bias: UnsafeMutablePointer<Float>) {
        let size = sizes.headSize
        bias.initialize(repeating: 0, count: 3 * channels)
        for index in 0..<items {
            for part in 1...2 {
                let target = bias + channel(ofPart: part, head: index % heads)
                table.elementwise.add(target, sums + (2 * index + part - 1) * size, target, size)
            }
        }
    }
}
