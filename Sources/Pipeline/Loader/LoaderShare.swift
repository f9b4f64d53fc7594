/// Which samples of the common order one of several processes takes: every so-manieth, so that what all take in a turn
/// stands together in the order, whatever their number.
package struct LoaderShare: Sendable, Hashable {
    /// What happens when the samples that are left are fewer than the processes.
    package enum LastTurn: String, Sendable, Hashable, CaseIterable {
        /// The first processes get one each, the others end their epoch: every sample comes once.
        case short
        /// The others get samples from the beginning of the epoch's order again: every process has as many turns.
        case `repeat`
    }

    /// This process's number, from 0.
    package let rank: Int
    /// The number of processes.
    package let worldSize: Int
    package let lastTurn: LastTurn

    /// One process, which takes all.
    package static let whole = LoaderShare(rank: 0, worldSize: 1)

    package init(rank: Int, worldSize: Int, lastTurn: LastTurn = .short) {
        precondition(worldSize >= 1 && (0..<worldSize).contains(rank), "rank \(rank) of \(worldSize)")
        self.rank = rank
        self.worldSize = worldSize
        self.lastTurn = lastTurn
    }

    /// How many samples this process takes of those from `start` on.
    func turns(from start: Int, count: Int) -> Int {
        let left = count - start
        return lastTurn == .repeat
            ? (left + worldSize - 1) / worldSize : max(0, (left - rank + worldSize - 1) / worldSize)
    }

    /// The place of this process's sample in a turn, counted from the one that begins at `start`.
    func position(ofTurn turn: Int, from start: Int, count: Int) -> Int {
        (start + turn * worldSize + rank) % count
    }

    /// Where all processes stand together after so many turns.
    func position(afterTurns turns: Int, from start: Int, count: Int) -> Int {
        min(count, start + turns * worldSize)
    }
}
