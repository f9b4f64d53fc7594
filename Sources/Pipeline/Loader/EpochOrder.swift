private import Runtime
private import Synchronization

/// The order of samples in each epoch, repeats counted: it depends on set, seed and epoch alone.
///
/// The orders of the two latest epochs are kept, as a prefetch crosses from one into the next. They take a few words a
/// sample, however often samples are repeated.
final class EpochOrder: Sendable {
    /// Samples of an epoch.
    let count: Int
    private let seed: UInt64
    private let indices: [Int]
    private let shuffle: LoaderShuffle
    /// Nil where each sample comes up once.
    private let repeats: RepeatPlan?
    private let shards: [Range<Int>]
    private let recent = Mutex<[(epoch: Int, order: Order)]>([])

    /// The order of one epoch.
    private enum Order {
        case listed([Int])
        case repeated(RepeatedEpoch)
    }

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
        self.indices = indices
        self.repeats = plan
        count = plan?.count ?? indices.count
    }

    /// The number of the sample at a place in an epoch's order.
    func index(epoch: Int, position: Int) -> Int {
        if shuffle == .none && repeats == nil { return indices[position] }
        return withOrder(epoch) { order in
            switch order {
            case .listed(let samples): return samples[position]
            case .repeated(var epoch):
                let sample = epoch.sample(at: position)
                order = .repeated(epoch)
                return sample
            }
        }
    }

    /// The samples of the window that begins at a place; nil where none does.
    func window(epoch: Int, beginningAt position: Int) -> [Int]? {
        guard case .window(let size) = shuffle, position % size == 0 else { return nil }
        let range = position..<min(count, size > count - position ? count : position + size)
        return withOrder(epoch) { order in
            switch order {
            case .listed(let samples): return Array(samples[range])
            case .repeated(let epoch): return Array(epoch.samples(in: range))
            }
        }
    }

    private func withOrder<Result: Sendable>(_ epoch: Int, _ body: (inout Order) -> Result) -> Result {
        recent.withLock { recent in
            if !recent.contains(where: { $0.epoch == epoch }) {
                recent = recent.suffix(1) + [(epoch, order(epoch))]
            }
            let place = recent.firstIndex { $0.epoch == epoch } ?? 0
            return body(&recent[place].order)
        }
    }

    private func order(_ epoch: Int) -> Order {
        if let repeats {
            return .repeated(
                RepeatedEpoch(
                    times: repeats.times(seed: seed, epoch: epoch), indices: indices, shuffle: shuffle, shards: shards,
                    seed: seed, epoch: epoch))
        }
        return .listed(listed(epoch))
    }

    private func listed(_ epoch: Int) -> [Int] {
        let samples = indices
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
