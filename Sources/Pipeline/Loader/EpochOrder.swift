private import Runtime
private import Synchronization

/// The order of samples in each epoch: a permutation that depends on seed and epoch alone.
///
/// The permutations of the two latest epochs are kept, as a prefetch crosses from one into the next.
final class EpochOrder: Sendable {
    private let seed: UInt64
    private let indices: [Int]
    private let isShuffled: Bool
    private let recent = Mutex<[(epoch: Int, order: [Int])]>([])

    init(seed: UInt64, indices: [Int], isShuffled: Bool) {
        self.seed = seed
        self.indices = indices
        self.isShuffled = isShuffled
    }

    var count: Int { indices.count }

    /// The number of the sample at a place in an epoch's order.
    func index(epoch: Int, position: Int) -> Int {
        guard isShuffled else { return indices[position] }
        return recent.withLock { recent in
            if let known = recent.first(where: { $0.epoch == epoch }) { return indices[known.order[position]] }
            var random = CounterRandom(seed: seed, epoch: UInt64(epoch), purpose: RandomPurpose("loader order"))
            let order = random.permutation(indices.count)
            recent = recent.suffix(1) + [(epoch, order)]
            return indices[order[position]]
        }
    }
}
