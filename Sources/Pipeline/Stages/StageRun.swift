private import Runtime

/// Runs elements through a stage on all threads, and hands what passes to a sink in the elements' order.
package struct StageRun<S: Stage> {
    private let stage: S
    private let window: Int

    /// - Parameters:
    ///   - stage: what elements go through.
    ///   - window: how many elements may be in memory for each thread.
    package init(_ stage: S, window: Int = 4) {
        self.stage = stage
        self.window = window
    }

    /// - Parameters:
    ///   - inputs: the elements; each is made on the thread that processes it.
    ///   - sink: called on this thread for each element in order, with nil for one that was dropped, and what was found
    ///     while it was processed.
    /// - Throws: what the stage or the sink throws; of several elements' errors the first by order.
    package func callAsFunction(
        _ inputs: [S.Input], sink: (_ index: Int, _ output: S.Output?, _ ledger: FindingLedger) throws -> Void
    ) throws {
        let prefetch = OrderedPrefetch(items: 0..<inputs.count, window: window * Workers.count) { index in
            var ledger = FindingLedger()
            let output = try stage.process(inputs[index], ledger: &ledger)
            return Processed(index: index, output: output, ledger: ledger)
        }
        defer { prefetch.cancel() }
        while let processed = try prefetch.next() {
            try sink(processed.index, processed.output, processed.ledger)
        }
    }

    private struct Processed: Sendable {
        let index: Int
        let output: S.Output?
        let ledger: FindingLedger
    }
}
