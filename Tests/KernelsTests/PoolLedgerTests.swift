import Kernels
import Runtime
import Testing

/// The books of the pool of recycled blocks.
@Suite struct PoolLedgerTests {
    /// Floats of blocks that every round wants.
    private let fixed = 8 << 20

    /// A round as the decoder's: its blocks live until its end, those of `own` sizes are made anew each round.
    private func run(_ ledger: inout PoolLedger, own: [Int]) -> (fresh: Int, freshFixed: Int) {
        var (fresh, freshFixed) = (0, 0)
        var blocks: [PoolLedger.Loan] = []
        for size in own + Array(repeating: fixed, count: 4) {
            let decision = ledger.take(size)
            if !decision.isRecycled { fresh += size }
            if !decision.isRecycled && size == fixed { freshFixed += 1 }
            blocks.append(decision.loan)
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
    }

    /// Of large blocks the size goes that nobody asked for; small ones go last.
    @Test func theLeastWantedGoBack() {
        var ledger = PoolLedger()
        let sizes = [12 << 20, 20 << 20, 16 << 20, 64]
        let loans = sizes.map { size in
            let decision = ledger.take(size)
            #expect(!decision.isRecycled && decision.loan.capacity == size)
            return decision.loan
        }
        for loan in loans { ledger.give(loan) }
        let again = ledger.take(20 << 20)
        #expect(again.isRecycled && again.loan.capacity == 20 << 20)
        let decision = ledger.take(28 << 20)
        #expect(!decision.isRecycled && decision.released == [12 << 20, 16 << 20])
        ledger.give(again.loan)
        ledger.give(decision.loan)
        #expect(ledger.releaseFree().sorted() == [64, 20 << 20, 28 << 20])
        #expect(ledger.take(64).released.isEmpty)
    }

    /// A full pool lends a larger block rather than to give it back, but none that is much too large, and all together no more
    /// than the slack above what was asked for.
    @Test func aFullPoolLendsLargerBlocks() {
        var ledger = PoolLedger()
        func bytes(_ floats: Int) -> Int { floats * MemoryLayout<Float>.stride }
        let large = (0..<8).map { _ in ledger.take(6 << 20).loan }
        for loan in large { ledger.give(loan) }
        // While there is room, new ones are made; then each lent one has 16 MB too many, of which three fit in the slack of 48 MB.
        let small = (0..<10).map { _ in ledger.take(2 << 20).loan }
        let surplus = Array(repeating: 0, count: 6) + [16, 16, 16, 0]
        #expect(small.map { bytes($0.capacity - $0.wanted) >> 20 } == surplus)
        let tiny = ledger.take(1 << 20).loan
        #expect(tiny.capacity == tiny.wanted)
    }

    /// What is held follows from what is asked for, in whatever order.
    @Test func noMoreIsHeldThanIsWantedAndTheSlack() {
        for seed in 0..<20 as Range<UInt64> {
            var random = CounterRandom(seed: seed, purpose: RandomPurpose("pool ledger"))
            var ledger = PoolLedger()
            var loans: [PoolLedger.Loan] = []
            var wanted = 0
            var most = 0
            for _ in 0..<2000 {
                if !loans.isEmpty && Int.random(in: 0..<100, using: &random) < (loans.count > 30 ? 60 : 45) {
                    let loan = loans.remove(at: Int.random(in: 0..<loans.count, using: &random))
                    wanted -= loan.wanted
                    ledger.give(loan)
                } else {
                    // Sizes of all magnitudes.
                    let size = Int.random(in: 1..<1 << Int.random(in: 7..<24, using: &random), using: &random) * 64
                    wanted += size
                    most = max(most, wanted)
                    let decision = ledger.take(size)
                    #expect(decision.loan.wanted == size && decision.loan.capacity >= size)
                    #expect(decision.isRecycled || decision.loan.capacity == size)
                    loans.append(decision.loan)
                }
                let bytes = MemoryLayout<Float>.stride
                #expect(ledger.peakWantedBytes == most * bytes)
                #expect(ledger.heldBytes <= most * bytes + PoolLedger.slackBytes(above: most * bytes))
            }
        }
    }
}
