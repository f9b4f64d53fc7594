/// Who may do what in an ordered prefetch: items 0, 1, 2, … are started in order, finished in any order and delivered in
/// order, with at most `window` of them between start and delivery.
///
/// Pure: no locks, no threads. ``OrderedPrefetch`` holds the lock and carries out the answers.
package struct PrefetchStateMachine<Output> {
    /// What a worker is to do.
    package enum WorkAction: Equatable {
        /// Work on this item, and hand in its outcome.
        case start(Int)
        /// Ask again when something was delivered.
        case wait
        /// There is nothing left to start.
        case stop
    }

    /// What the consumer gets.
    package enum NextAction {
        case deliver(Output)
        /// Ask again when something was finished.
        case wait
        /// All was delivered, or it was cancelled.
        case end
    }

    private let end: Int
    private let window: Int
    private var nextToStart: Int
    private var nextToDeliver: Int
    private var finished: [Int: Output] = [:]
    private var isCancelled = false

    /// - Parameters:
    ///   - items: the items' numbers.
    ///   - window: how many items may be started and not yet delivered, at least 1.
    package init(items: Range<Int>, window: Int) {
        precondition(window >= 1, "a window of \(window) items")
        self.window = window
        end = items.upperBound
        nextToStart = items.lowerBound
        nextToDeliver = items.lowerBound
    }

    /// Items that are finished and wait for delivery.
    package var finishedCount: Int { finished.count }

    package mutating func nextWork() -> WorkAction {
        if isCancelled || nextToStart == end { return .stop }
        if nextToStart - nextToDeliver >= window { return .wait }
        defer { nextToStart += 1 }
        return .start(nextToStart)
    }

    /// Hands in the outcome of an item.
    ///
    /// - Returns: whether the consumer, if it waits, can go on.
    package mutating func finish(_ item: Int, _ output: Output) -> Bool {
        precondition(
            (nextToDeliver..<nextToStart).contains(item) && finished[item] == nil, "item \(item) is not being worked on"
        )
        if isCancelled { return true }
        finished[item] = output
        return item == nextToDeliver
    }

    package mutating func next() -> NextAction {
        if isCancelled || nextToDeliver == end { return .end }
        guard let output = finished.removeValue(forKey: nextToDeliver) else { return .wait }
        nextToDeliver += 1
        return .deliver(output)
    }

    /// Ends it: nothing more is started or delivered.
    package mutating func cancel() {
        isCancelled = true
        finished = [:]
    }
}
