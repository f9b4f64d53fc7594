private import Foundation

extension Workers {
    /// Computes items on all workers, and hands their outputs to the caller in the order of the items.
    ///
    /// The caller's thread is one of the workers: it takes outputs as soon as they are due, and computes items itself as
    /// long as none is. Loops inside `produce` stay on its thread; those inside `consume` may use all workers.
    ///
    /// - Parameters:
    ///   - items: the items in their order; asked for one after the other, on any thread.
    ///   - window: how many items may be started and not yet consumed, at least 1.
    ///   - state: makes what a thread keeps from one item to the next.
    ///   - produce: computes an item's output.
    ///   - consume: takes an output; false ends the loop. An error ends it, too. What was started by then is thrown away.
    package static func inOrder<Items: IteratorProtocol & Sendable, State, Output: Sendable>(
        _ items: Items, window: Int, state: @escaping @Sendable () -> State,
        produce: @escaping @Sendable (Items.Element, inout State) -> Output, consume: (Output) throws -> Bool
    ) throws where Items.Element: Sendable {
        precondition(window >= 1, "a window of \(window) items")
        let queue = OrderedQueue<Items, Output>(items, window: window)
        defer { queue.end() }
        for worker in 1..<max(1, count) {
            queue.expectThread()
            let thread = Thread {
                Workers.with(1) {
                    var own = state()
                    while let (number, item) = queue.start(waits: true) { queue.finish(number, produce(item, &own)) }
                }
                queue.leave()
            }
            thread.name = "worker \(worker)"
            thread.start()
        }
        var own = state()
        while true {
            switch queue.next() {
            case .consume(let output): guard try consume(output) else { return }
            case .produce(let number, let item):
                let output = Workers.with(1) { produce(item, &own) }
                queue.finish(number, output)
            case .end: return
            }
        }
    }
}

/// Items that are started in order, finished in any order and consumed in order.
///
/// `@unchecked Sendable`: everything that changes is touched only with `condition` locked.
private final class OrderedQueue<Items: IteratorProtocol & Sendable, Output: Sendable>: @unchecked Sendable
where Items.Element: Sendable {
    enum Turn {
        case consume(Output)
        case produce(Int, Items.Element)
        case end
    }

    private let condition = NSCondition()
    private let window: Int
    private var items: Items
    private var isExhausted = false
    private var started = 0
    private var consumed = 0
    private var finished: [Int: Output] = [:]
    private var threads = 0

    init(_ items: Items, window: Int) {
        self.items = items
        self.window = window
    }

    func expectThread() { condition.withLock { threads += 1 } }

    func leave() {
        condition.withLock {
            threads -= 1
            condition.broadcast()
        }
    }

    /// Starts nothing more, and waits until all threads have left.
    func end() {
        condition.withLock {
            isExhausted = true
            condition.broadcast()
            while threads > 0 { condition.wait() }
        }
    }

    /// The next item to compute, and its number; nil when there is none, or none that may be started yet.
    ///
    /// - Parameter waits: until one may be started.
    func start(waits: Bool) -> (Int, Items.Element)? { condition.withLock { startLocked(waits: waits) } }

    func finish(_ number: Int, _ output: Output) {
        condition.withLock {
            finished[number] = output
            if number == consumed { condition.broadcast() }
        }
    }

    /// What the caller's thread does next.
    func next() -> Turn {
        condition.withLock {
            while true {
                if let output = finished.removeValue(forKey: consumed) {
                    consumed += 1
                    condition.broadcast()
                    return .consume(output)
                }
                if let (number, item) = startLocked(waits: false) { return .produce(number, item) }
                if isExhausted && consumed == started { return .end }
                condition.wait()
            }
        }
    }

    private func startLocked(waits: Bool) -> (Int, Items.Element)? {
        while !isExhausted {
            if started - consumed < window {
                guard let item = items.next() else {
                    isExhausted = true
                    condition.broadcast()
                    return nil
                }
                started += 1
                return (started - 1, item)
            }
            guard waits else { return nil }
            condition.wait()
        }
        return nil
    }
}
