internal import Foundation
internal import Runtime

/// Hands items to somebody slow on a thread of its own, in order, a few at a time, so that training does not wait.
///
/// What fails for now is tried again with growing pauses while items gather; what fails for good, or too many items, ends
/// it.
final class DeliveryQueue<Item: Sendable>: Sendable {
    private let core: DeliveryCore<Item>

    /// - Parameters:
    ///   - capacity: the most items that wait.
    ///   - batch: the most items that are delivered at once.
    ///   - pause: seconds that a delivery waits for more items.
    ///   - deliver: called on the thread of the queue; it throws ``MLflowError``, and may get items once more after a
    ///     failure that is transient.
    init(
        capacity: Int, batch: Int, pause: Double, deliver: @escaping @Sendable ([Item]) throws(MLflowError) -> Void
    ) {
        core = DeliveryCore(capacity: capacity, batch: batch, pause: pause, deliver: deliver)
        let core = core
        let thread = Thread { Workers.with(1) { core.work() } }
        thread.name = "tracking"
        thread.start()
    }

    /// Adds an item.
    ///
    /// - Throws: what ended the queue.
    func put(_ item: Item) throws(MLflowError) { try core.put(item) }

    /// Waits until all items are delivered, but no longer than so long; the queue is then over.
    ///
    /// - Throws: what ended the queue, or why the rest could not be delivered.
    func finish(within seconds: Double) throws(MLflowError) { try core.finish(within: seconds) }

    /// What somebody should know who waits: the first failure that may pass, said once.
    func takeRemarks() -> [String] { core.takeRemarks() }

    deinit { core.abandon() }
}

/// The part that the thread shares.
///
/// `@unchecked Sendable`: everything that changes is touched only with `condition` locked.
private final class DeliveryCore<Item: Sendable>: @unchecked Sendable {
    private let capacity: Int
    private let batch: Int
    private let pause: Double
    private let deliver: @Sendable ([Item]) throws(MLflowError) -> Void
    private let condition = NSCondition()
    private var items: [Item] = []
    private var failure: MLflowError?
    private var trouble: MLflowError?
    private var remarks: [String] = []
    private var hasRemarked = false
    /// No more items come.
    private var isFinishing = false
    /// Nobody waits any more.
    private var isAbandoned = false
    private var isOver = false

    init(
        capacity: Int, batch: Int, pause: Double, deliver: @escaping @Sendable ([Item]) throws(MLflowError) -> Void
    ) {
        self.capacity = capacity
        self.batch = batch
        self.pause = pause
        self.deliver = deliver
    }

    func put(_ item: Item) throws(MLflowError) {
        condition.lock()
        defer { condition.unlock() }
        if let failure { throw failure }
        guard items.count < capacity else {
            let reason = trouble.map { ": \($0.message)" } ?? ""
            let error = MLflowError("\(items.count) records wait and could not be sent" + reason)
            failure = error
            condition.broadcast()
            throw error
        }
        items.append(item)
        condition.broadcast()
    }

    func finish(within seconds: Double) throws(MLflowError) {
        condition.lock()
        defer { condition.unlock() }
        isFinishing = true
        condition.broadcast()
        let limit = Date(timeIntervalSinceNow: seconds)
        while !isOver, failure == nil { if !condition.wait(until: limit) { break } }
        isAbandoned = true
        condition.broadcast()
        if let failure { throw failure }
        if !isOver {
            let reason = trouble.map { ": \($0.message)" } ?? ""
            throw MLflowError("\(max(1, items.count)) records could not be sent in time" + reason)
        }
    }

    func takeRemarks() -> [String] {
        condition.lock()
        defer { condition.unlock() }
        defer { remarks = [] }
        return remarks
    }

    func abandon() {
        condition.lock()
        isAbandoned = true
        condition.broadcast()
        condition.unlock()
    }

    func work() {
        condition.lock()
        defer {
            isOver = true
            condition.broadcast()
            condition.unlock()
        }
        var delay = 0.0
        while !isAbandoned, failure == nil {
            if items.isEmpty {
                if isFinishing { return }
                condition.wait()
                continue
            }
            wait(max(pause, delay))
            if isAbandoned || failure != nil { return }
            let part = Array(items.prefix(batch))
            condition.unlock()
            var error: MLflowError?
            do throws(MLflowError) { try deliver(part) } catch let thrown { error = thrown }
            condition.lock()
            guard let error else {
                items.removeFirst(part.count)
                (delay, trouble) = (0, nil)
                continue
            }
            guard error.isTransient else {
                failure = error
                return
            }
            trouble = error
            if !hasRemarked { remarks.append("\(error.message); it is tried again while the run goes on") }
            hasRemarked = true
            delay = min(30, max(0.5, 2 * delay))
        }
    }

    /// Lets items gather, or trouble pass; somebody who waits for the end shortens both.
    private func wait(_ seconds: Double) {
        let start = ContinuousClock.now
        while !isAbandoned, failure == nil {
            let longest = isFinishing ? min(seconds, trouble == nil ? 0 : 0.5) : seconds
            let left = longest - start.secondsSince
            if left <= 0 || (trouble == nil && items.count >= batch) { return }
            _ = condition.wait(until: Date(timeIntervalSinceNow: left))
        }
    }
}
