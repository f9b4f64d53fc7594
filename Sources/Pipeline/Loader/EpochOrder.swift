private import Runtime
private import Synchronization

/// The order of samples in each epoch, repeats counted: it depends on set, seed and epoch alone.
///
/// The orders of the two latest epochs are kept, as a prefetch crosses from one into the next.
final class EpochOrder: Sendable {
    /// Samples of an epoch.
    let count: Int
    private let seed: UInt64
    private let indices: [Int]
    private let shuffle: LoaderShuffle
    /// Nil where each sample comes up once.
    private let repeats: RepeatPlan?
    private let shards: [Range<Int>]
    private let recent = Mutex<[(epoch: Int, order: [Int])]>([])

    /// - Parameters:
    ///   - indices: numbers of the samples in use.
    ///   - repeats: how often each of `indices` comes up on average; nil for once.
    ///   - shards: the numbers of each shard's samples, for a window's order.
    init(seed: UInt64, indices: [Int], shuffle: LoaderShuffle, repeats: [Double]? = nil, shards: [Range<Int>]) {
        precondition(
            repeats.map { $0.count == indices.count } ?? true,
            "\(repeats?.count ?? 0) repeats for \(indices.count) samples")
        let plan = repeats.flatMap { repeats in repeats.allSatisfy { $0 == 1 } ? nil : RepeatPlan(repeats) }
        self.seed = seed
        self.shuffle = shuffle
        self.shards = shards
        if let plan, plan.isConstant {
            self.indices = plan.places(seed: seed, epoch: 0).map { indices[$0] }
            self.repeats = nil
        } else {
            self.indices = indices
            self.repeats = plan
        }
        count = plan?.count ?? indices.count
    }

    /// The number of the sample at a place in an epoch's order.
    func index(epoch: Int, position: Int) -> Int {
        if shuffle == .none && repeats == nil { return indices[position] }
        return recent.withLock { recent in
            if let known = recent.first(where: { $0.epoch == epoch }) { return known.order[position] }
            let order = order(epoch)
            recent = recent.suffix(1) + [(epoch, order)]
            return order[position]
        }
    }

    /// The samples of the window that begins at a place; nil where none does.
    func window(epoch: Int, beginningAt position: Int) -> [Int]? {
        guard case .window(let size) = shuffle, position % size == 0 else { return nil }
        return (position..<min(count, position + size)).map { index(epoch: epoch, position: $0) }
    }

    private func order(_ epoch: Int) -> [Int] {
        let samples = repeats?.places(seed: seed, epoch: epoch).map { indices[$0] } ?? indices
        var random = CounterRandom(seed: seed, epoch: UInt64(epoch), purpose: RandomPurpose("loader order"))
        switch shuffle {
        case .none: return samples
        case .global: return random.permutation(samples.count).map { samples[$0] }
        case .window(let size): return windowed(samples, size: size, random: &random)
        }
    }

    /// Shards in random order, then a permutation of each `size` samples in a row.
    private func windowed(_ samples: [Int], size: Int, random: inout CounterRandom) -> [Int] {
        var byShard = [[Int]](repeating: [], count: shards.count)
        let sorted = samples.sorted()
        var shard = 0
        for sample in sorted {
            while !shards[shard].contains(sample) { shard += 1 }
            byShard[shard].append(sample)
        }
        var order = random.permutation(shards.count).flatMap { byShard[$0] }
        for start in stride(from: 0, to: order.count, by: size) {
            order[start..<min(order.count, start + size)].shuffle(using: &random)
        }
        return order
    }
}
