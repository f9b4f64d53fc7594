internal import KernelABI
private import Runtime

extension Attention {
    /// Where the gradients go; each is written, none is added to.
    package struct Gradients {
        /// Laid out as the query, the key and the value.
        package var query: UnsafeMutablePointer<Float>
        package var key: UnsafeMutablePointer<Float>
        package var value: UnsafeMutablePointer<Float>
        /// [2 H - 1, headSize] and [2 W - 1, headSize], or nil without tables.
        package var tables: (height: UnsafeMutablePointer<Float>, width: UnsafeMutablePointer<Float>)?

        package init(
            query: UnsafeMutablePointer<Float>, key: UnsafeMutablePointer<Float>, value: UnsafeMutablePointer<Float>,
            tables: (height: UnsafeMutablePointer<Float>, width: UnsafeMutablePointer<Float>)?
        ) {
            self.query = query
            self.key = key
            self.value = value
            self.tables = tables
        }
    }

    private var gradientColumns: Int { tables.gradientColumns }

    /// Computes the gradients of all operands, head by head; the tables' are summed over the heads in their order.
    ///
    /// - Parameters:
    ///   - output: what the forward pass wrote.
    ///   - outputGradient: laid out like the output.
    ///   - statistics: what the forward pass wrote.
    ///   - gradients: where the results go.
    package func backward(
        output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
        into gradients: Gradients
    ) {
        let items = batch * heads
        let (heightCount, widthCount) = tables.gradientCounts
        let keyGradientCount = AttentionSizes.padded(sizes.keys, to: kernels.rows) * gradientColumns
        let scratchCount = AttentionBackward.scratchCount(sizes, rows: kernels.rows, columns: kernels.columns)
        let perWorker = 2 * keyPanelCount + channelPanelCount + 2 * keyGradientCount + scratchCount
        let workers = max(1, min(Workers.count, items))
        tables.withPanels { panels in
            BufferPool.withBuffer(workers * perWorker) { buffer in
                BufferPool.withBuffer(items * (heightCount + widthCount)) { tableGradients in
                    tableGradients.initialize(repeating: 0, count: items * (heightCount + widthCount))
                    nonisolated(unsafe) let (buffer, tableGradients, gradients) = (buffer, tableGradients, gradients)
                    nonisolated(unsafe) let (output, outputGradient, statistics) = (output, outputGradient, statistics)
                    Workers.forEachChunk(of: items, grain: 1) { range, worker in
                        for item in range {
                            backwardItem(
                                item, output, outputGradient, statistics, gradients, panels,
                                heightGradient: tableGradients + item * (heightCount + widthCount),
                                widthGradient: tableGradients + item * (heightCount + widthCount) + heightCount,
                                buffer: buffer + worker * perWorker)
                        }
                    }
                    if let target = gradients.tables { tables.sumGradients(tableGradients, items: items, into: target) }
                }
            }
        }
    }

    private func backwardItem(
        _ item: Int, _ output: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
        _ statistics: UnsafePointer<Float>, _ gradients: Gradients, _ panels: PositionTables.Panels,
        heightGradient: UnsafeMutablePointer<Float>, widthGradient: UnsafeMutablePointer<Float>,
        buffer: UnsafeMutablePointer<Float>
    ) {
        let keyPanels = buffer
        let valuePanels = keyPanels + keyPanelCount
        let keyColumnPanels = valuePanels + keyPanelCount
        let keyGradient = keyColumnPanels + channelPanelCount
        let keyGradientCount = AttentionSizes.padded(sizes.keys, to: kernels.rows) * gradientColumns
        let valueGradient = keyGradient + keyGradientCount
        packByKey(key, item, into: keyPanels)
        packByKey(value, item, into: valuePanels)
        packByChannel(key, item, into: keyColumnPanels)
        keyGradient.initialize(repeating: 0, count: 2 * keyGradientCount)
        let channels = heads * sizes.headSize
        let rows = item / heads * sizes.queries * channels + item % heads * sizes.headSize
        let place = item * sizes.queries
        kernels.backward(
            AttentionBackward(
                sizes: sizes, query: start(query, item), output: output + rows, outputGradient: outputGradient + rows,
                queryStride: query.tokenStride, outputStride: channels, maxima: statistics + place,
                reciprocals: statistics + batch * heads * sizes.queries + place, keyPanels: keyPanels,
                valuePanels: valuePanels, keyColumnPanels: keyColumnPanels, heightPanels: panels.height,
                widthPanels: panels.width, heightColumnPanels: panels.heightColumns,
                widthColumnPanels: panels.widthColumns,
                queryGradient: gradients.query + (start(query, item) - query.base), keyGradient: keyGradient,
                valueGradient: valueGradient, heightGradient: heightGradient, widthGradient: widthGradient,
                scratch: valueGradient + keyGradientCount))
        copyOut(keyGradient, to: gradients.key + (start(key, item) - key.base), stride: key.tokenStride)
        copyOut(valueGradient, to: gradients.value + (start(value, item) - value.base), stride: value.tokenStride)
    }

    private func copyOut(_ rows: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, stride: Int) {
        for key in 0..<sizes.keys {
            (target + key * stride).update(from: rows + key * gradientColumns, count: sizes.headSize)
        }
    }
}
