import Kernels
import Testing

/// The books of the pool of recycled blocks.
@Suite struct PoolLedgerTests {
    /// Floats of blocks that every round wants.
    private let fixed = 8 << 20

    /// A round as the decoder's: its blocks live until its end, those of `own` sizes are made anew each round.
    private func run(_ ledger: inout PoolLedger, own: [Int]) -> (fresh: Int, freshFixed: Int) {
        var (fresh, freshFixed) = (0, 0)
        var blocks: [Int] = []
        for size in own + Array(repeating: fixed, count: 4) {
            let decision = ledger.take(size)
            if decision.recycled == nil { fresh += size }
            if decision.recycled == nil && size == fixed { freshFixed += 1 }
            blocks.append(decision.recycled ?? size)
        }
        for block in blocks { ledger.give(block) }
        return (fresh, freshFixed)
    }

    /// Sizes that grow from round to round and begin anew: what all rounds want stays, the others find a place.
    @Test func blocksOfAllRoundsStay() {
        var ledger = PoolLedger()
        var lent = 0
        for cycle in 0..<5 {
            for round in 0..<8 {
                let own = (0..<3).map { 2 << 20 + (2 * round + $0) * 300_000 }
                let found = run(&ledger, own: own)
                // In the first cycle, where all sizes are new, a full pool lends a block of all rounds to a size of its own
                // rather than to give one back: a new one takes its place, and from then on there are enough.
                if cycle == 0 && round > 0 { lent += found.freshFixed }
                if cycle > 0 { #expect(found.freshFixed == 0, "cycle \(cycle), round \(round)") }
                if cycle > 2 { #expect(found.fresh < fixed, "cycle \(cycle), round \(round)") }
            }
        }
        #expect(lent == 3)
        #expect(ledger.peakBytes <= ledger.peakUsedBytes + PoolLedger.slackBytes)
    }

    /// Of large blocks the size goes that nobody asked for; small ones go last.
    @Test func theLeastWantedGoBack() {
        var ledger = PoolLedger()
        let sizes = [12 << 20, 20 << 20, 16 << 20, 64]
        for size in sizes { #expect(ledger.take(size).recycled == nil) }
        for size in sizes { ledger.give(size) }
        #expect(ledger.take(20 << 20).recycled == 20 << 20)
        let decision = ledger.take(24 << 20)
        #expect(decision.recycled == nil)
        #expect(decision.released == [12 << 20, 16 << 20])
        ledger.give(20 << 20)
        ledger.give(24 << 20)
        #expect(ledger.releaseFree().sorted() == [64, 20 << 20, 24 << 20])
        #expect(ledger.take(64).released.isEmpty)
    }
}
