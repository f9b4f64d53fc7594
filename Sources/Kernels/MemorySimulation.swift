private import Synchronization

/// A run of tensor code on shapes alone: blocks of the pool are counted, none exists, and operations compute nothing.
///
/// What a step takes is thereby known before it is made, from the step itself: each operation keeps and frees what it
/// would, and the pool recycles as it would. Scratch memory that lives within one operation is not counted.
package final class MemorySimulation: Sendable {
    private let ledger = Mutex(PoolLedger())

    @TaskLocal private static var running: MemorySimulation?

    /// The simulation in force, if any.
    package static var current: MemorySimulation? { running }

    private init() {}

    /// Runs `body` on shapes alone.
    ///
    /// - Returns: the most bytes that the pool would hold, starting from an empty one.
    package static func peakBytes(_ body: () throws -> Void) rethrows -> Int {
        let simulation = MemorySimulation()
        try $running.withValue(simulation, operation: body)
        return simulation.ledger.withLock { $0.peakBytes }
    }

    /// Counts a block for `count` floats as handed out.
    ///
    /// - Returns: its size in floats.
    package func take(_ count: Int) -> Int {
        let wanted = BufferPool.capacity(for: count)
        return ledger.withLock { $0.take(wanted).recycled } ?? wanted
    }

    /// Counts a block of ``take(_:)`` as given back.
    package func give(_ capacity: Int) { ledger.withLock { $0.give(capacity) } }
}
