private import Runtime

/// Runs elements through a stage on all threads, and hands what passes to a sink in the elements' order.
package struct StageRun<S: Stage> {
    private let stage: S
    private let window: Int

    /// - Parameters:
    ///   - stage: what elements go through.
    ///   - window: how many elements may be in memory for each thread, at least 2.
    package init(_ stage: S, window: Int = 8) {
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
        // Threads hand over several elements at a time: for small images it would take as long as the work.
        let perGroup = max(1, window / 2)
        let groups = (inputs.count + perGroup - 1) / perGroup
        let prefetch = OrderedPrefetch(items: 0..<groups, window: 2 * Workers.count) { group in
            process(inputs, group * perGroup..<min(inputs.count, (group + 1) * perGroup))
        }
        defer { prefetch.cancel() }
        while let group = try prefetch.next() {
            for processed in group.elements { try sink(processed.index, processed.output, processed.ledger) }
            if let failure = group.failure { throw failure }
        }
    }

    /// Processes a few elements, up to the first that fails.
    private func process(_ inputs: [S.Input], _ range: Range<Int>) -> Group {
        var group = Group()
        for index in range {
            var ledger = FindingLedger()
            do {
                let output = try stage.process(inputs[index], ledger: &ledger)
                group.elements.append(Processed(index: index, output: output, ledger: ledger))
            } catch {
                group.failure = error
                break
            }
        }
        return group
    }

    private struct Group: Sendable {
        var elements: [Processed] = []
        /// Of the element behind these.
        var failure: (any Error)?
    }

    private struct Processed: Sendable {
        let index: Int
        let output: S.Output?
        let ledger: FindingLedger
    }
}
