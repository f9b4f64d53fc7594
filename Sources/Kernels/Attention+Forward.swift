internal import KernelABI
private import Runtime

extension Attention {
    /// Blocks of queries in one task: one head's queries are shared among the threads.
    private static let blocksPerTask = 8

    /// Writes `softmax(scale q kᵀ + relative position) v`.
    ///
    /// - Parameters:
    ///   - output: batch by queries by (heads * headSize), contiguous.
    ///   - statistics: [2, batch * heads, queries] for `backward`, or nil: largest scores, then reciprocal sums.
    package func forward(output: UnsafeMutablePointer<Float>, statistics: UnsafeMutablePointer<Float>?) {
        if batch * sizes.queries == 0 { return }
        tables.withPanels { tables in
            let queriesPerTask = Self.blocksPerTask * kernels.columns
            let tasksPerHead = (sizes.queries + queriesPerTask - 1) / queriesPerTask
            let tasks = batch * heads * tasksPerHead
            let scratchCount = AttentionForward.scratchCount(sizes, rows: kernels.rows, columns: kernels.columns)
            let (keyCount, valueCount) = (keyPanelCount, channelPanelCount)
            let perWorker = keyCount + valueCount + scratchCount
            let workers = min(Workers.count, tasks)
            BufferPool.withBuffer(workers * perWorker) { buffer in
                // The head whose keys and values a worker holds packed.
                withUnsafeTemporaryAllocation(of: Int.self, capacity: workers) { heldHeads in
                    heldHeads.initialize(repeating: -1)
                    let held = SharedBuffer(heldHeads.baseAddress.unsafelyUnwrapped, count: workers)
                    nonisolated(unsafe) let (buffer, output, statistics) = (buffer, output, statistics)
                    Workers.forEachChunk(of: tasks, grain: 1) { chunk, worker in
                        let keyPanels = buffer + worker * perWorker
                        let valuePanels = keyPanels + keyCount
                        for task in chunk {
                            let item = task / tasksPerHead
                            if held.base[worker] != item {
                                held.base[worker] = item
                                packByKey(key, item, into: keyPanels)
                                packByChannel(value, item, into: valuePanels)
                            }
                            let first = task % tasksPerHead * queriesPerTask
                            forwardTask(
                                item, first..<min(sizes.queries, first + queriesPerTask), keyPanels, valuePanels,
                                tables,
                                output, statistics, scratch: valuePanels + valueCount)
                        }
                    }
                }
            }
        }
    }

    private func forwardTask(
        _ item: Int, _ queries: Range<Int>, _ keyPanels: UnsafePointer<Float>, _ valuePanels: UnsafePointer<Float>,
        _ tables: PositionTables.Panels, _ output: UnsafeMutablePointer<Float>,
        _ statistics: UnsafeMutablePointer<Float>?,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let channels = heads * sizes.headSize
        let rows =
            output + (item / heads * sizes.queries + queries.lowerBound) * channels + item % heads * sizes.headSize
        let place = item * sizes.queries + queries.lowerBound
        kernels.forward(
            AttentionForward(
                sizes: sizes, firstQuery: queries.lowerBound, count: queries.count,
                query: start(query, item) + queries.lowerBound * query.tokenStride, queryStride: query.tokenStride,
                keyPanels: keyPanels, valuePanels: valuePanels, heightPanels: tables.height,
                widthPanels: tables.width, output: rows, outputStride: channels,
                maxima: statistics.map { $0 + place },
                reciprocals: statistics.map { $0 + batch * heads * sizes.queries + place }, scratch: scratch))
    }
}
