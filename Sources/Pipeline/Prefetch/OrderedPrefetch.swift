private import Foundation
private import Runtime

/// Computes items ahead of their consumer on threads of its own, and delivers them in order.
///
/// Which items there are and what comes out of them does not depend on the number of threads; only memory and speed
/// do. An item's error is thrown where the item would have been delivered, and ends the sequence.
package final class OrderedPrefetch<Output: Sendable> {
    private let core: PrefetchCore<Output>
    private var inlineItem: Int

    /// - Parameters:
    ///   - items: the items' numbers, delivered in ascending order.
    ///   - workers: threads to use; with 0 or 1 each item is computed by ``next()`` itself, when it is asked for.
    ///   - window: how many items may be started and not yet delivered.
    ///   - body: computes one item; loops of `Workers` inside it stay on its thread.
    package init(
        items: Range<Int>, workers: Int = Workers.count, window: Int,
        body: @escaping @Sendable (Int) throws -> Output
    ) {
        core = PrefetchCore(
            items: items, workers: workers <= 1 ? 0 : min(workers, items.count), window: window, body: body)
        inlineItem = items.lowerBound
    }

    /// The next item's outcome, or nil when all have been delivered, one has failed, or it was cancelled.
    ///
    /// - Throws: what the item's computation threw.
    package func next() throws -> Output? {
        if core.workers > 0 { return try core.next() }
        guard inlineItem < core.items.upperBound else { return nil }
        let item = inlineItem
        inlineItem += 1
        do {
            return try Workers.with(1) { try core.body(item) }
        } catch {
            inlineItem = core.items.upperBound
            throw error
        }
    }

    /// Stops: what has been started is finished and thrown away, and when this returns no thread is left.
    package func cancel() {
        inlineItem = core.items.upperBound
        core.cancel()
        core.waitForWorkers()
    }

    deinit { core.cancel() }
}

/// The part that the threads share; it lives as long as one of them runs.
///
/// `@unchecked Sendable`: `state` and `running` are touched only with `condition` locked.
private final class PrefetchCore<Output: Sendable>: @unchecked Sendable {
    let items: Range<Int>
    let workers: Int
    let body: @Sendable (Int) throws -> Output
    private let condition = NSCondition()
    private var state: PrefetchStateMachine<Result<Output, any Error>>
    private var running = 0

    init(items: Range<Int>, workers: Int, window: Int, body: @escaping @Sendable (Int) throws -> Output) {
        self.items = items
        self.workers = workers
        self.body = body
        state = PrefetchStateMachine(items: items, window: window)
        running = workers
        for worker in 0..<workers {
            let thread = Thread { Workers.with(1) { self.work() } }
            thread.name = "prefetch \(worker)"
            thread.start()
        }
    }

    func next() throws -> Output? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            switch state.next() {
            case .deliver(let result):
                if case .failure = result { state.cancel() }
                condition.broadcast()
                return try result.get()
            case .wait: condition.wait()
            case .end: return nil
            }
        }
    }

    func cancel() {
        condition.lock()
        state.cancel()
        condition.broadcast()
        condition.unlock()
    }

    func waitForWorkers() {
        condition.lock()
        while running > 0 { condition.wait() }
        condition.unlock()
    }

    private func work() {
        condition.lock()
        while true {
            switch state.nextWork() {
            case .start(let item):
                condition.unlock()
                let result = Result { try body(item) }
                condition.lock()
                if state.finish(item, result) { condition.broadcast() }
            case .wait: condition.wait()
            case .stop:
                running -= 1
                condition.broadcast()
                condition.unlock()
                return
            }
        }
    }
}
