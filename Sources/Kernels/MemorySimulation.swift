private import Synchronization

/// A run of tensor code on shapes alone: blocks of the pool are counted, none exists, and operations compute nothing.
///
/// What a step takes is thereby known before it is made, from the step itself: each operation keeps and frees what it
/// would. How the pool recycles blocks is no part of it: it holds hardly more than was asked for at once. Scratch memory that
/// lives within one operation is not counted.
package final class MemorySimulation: Sendable {
    private let ledger = Mutex(PoolLedger())

    @TaskLocal private static var running: MemorySimulation?

    /// The simulation in force, if any.
    package static var current: MemorySimulation? { running }

    private init() {}

    /// Runs `body` on shapes alone.
    ///
    /// - Returns: the most bytes that were asked of the pool at once. It holds at most ``PoolLedger/slackBytes(above:)`` more.
    package static func peakBytes(_ body: () throws -> Void) rethrows -> Int {
        let simulation = MemorySimulation()
        try $running.withValue(simulation, operation: body)
        return simulation.ledger.withLock { $0.peakWantedBytes }
    }

    /// Counts a block for `count` floats as handed out.
    package func take(_ count: Int) -> PoolLedger.Loan {
        let wanted = BufferPool.capacity(for: count)
        return ledger.withLock { $0.take(wanted).loan }
    }

    /// Counts a block of ``take(_:)`` as given back.
    package func give(_ loan: PoolLedger.Loan) { ledger.withLock { $0.give(loan) } }
}
