private import Runtime

/// The order of one epoch in which samples come up several times. What is kept grows by the samples, whatever their repeats:
/// a place's sample is found when it is asked for.
struct RepeatedEpoch: Sendable {
    /// The samples before any shuffling.
    private let samples: [Int]
    /// Where each sample's copies end in the order before shuffling.
    private let ends: [Int]
    private let shuffle: LoaderShuffle
    private let count: Int
    private let key: Key
    /// Of all places; for a global shuffle.
    private var whole: IndexPermutation?
    /// Of the windows that were asked for last.
    private var windows: [(number: Int, permutation: IndexPermutation)] = []

    private struct Key: Sendable {
        let seed: UInt64
        let epoch: Int

        func random(_ purpose: StaticString, sample: Int = 0) -> CounterRandom {
            CounterRandom(seed: seed, epoch: UInt64(epoch), sample: UInt64(sample), purpose: RandomPurpose(purpose))
        }
    }

    /// - Parameters:
    ///   - times: how often each of `indices` comes up in this epoch.
    ///   - indices: numbers of the samples in use.
    ///   - shards: the numbers of each shard's samples, for a window's order.
    init(times: [Int], indices: [Int], shuffle: LoaderShuffle, shards: [Range<Int>], seed: UInt64, epoch: Int) {
        self.shuffle = shuffle
        key = Key(seed: seed, epoch: epoch)
        var order = Array(indices.indices)
        if case .window = shuffle {
            var random = key.random("loader order")
            order = Self.byShards(indices, shards, order: random.permutation(shards.count))
        }
        samples = order.map { indices[$0] }
        var end = 0
        ends = order.map { place in
            end += times[place]
            return end
        }
        count = end
        if shuffle == .global {
            var random = key.random("loader order")
            whole = IndexPermutation(count: count, random: &random)
        }
    }

    /// The sample at a place of the order.
    mutating func sample(at position: Int) -> Int {
        switch shuffle {
        case .none: return copy(position)
        case .global:
            guard let whole else { preconditionFailure("a global order without its permutation") }
            return copy(whole[position])
        case .window(let size):
            let number = position / size
            return copy(number * size + window(number, size: size)[position - number * size])
        }
    }

    /// The samples of a stretch of the order before shuffling, each once.
    func samples(in range: Range<Int>) -> ArraySlice<Int> {
        if range.isEmpty { return [] }
        return samples[place(of: range.lowerBound)...place(of: range.upperBound - 1)]
    }

    private mutating func window(_ number: Int, size: Int) -> IndexPermutation {
        if let known = windows.first(where: { $0.number == number }) { return known.permutation }
        var random = key.random("loader window", sample: number)
        let permutation = IndexPermutation(count: min(size, count - number * size), random: &random)
        // A prefetch crosses from one window into the next.
        windows = windows.suffix(1) + [(number, permutation)]
        return permutation
    }

    /// The sample of a place in the order before shuffling.
    private func copy(_ position: Int) -> Int { samples[place(of: position)] }

    private func place(of position: Int) -> Int {
        precondition((0..<count).contains(position), "position \(position) of \(count)")
        // The first sample whose copies end behind the position; one without copies ends where the one before does.
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > position { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The places of samples, shard after shard in an order, each shard's in the order of their numbers.
    private static func byShards(_ indices: [Int], _ shards: [Range<Int>], order: [Int]) -> [Int] {
        var byShard = [[Int]](repeating: [], count: shards.count)
        var shard = 0
        for place in indices.indices.sorted(by: { (indices[$0], $0) < (indices[$1], $1) }) {
            while !shards[shard].contains(indices[place]) { shard += 1 }
            byShard[shard].append(place)
        }
        return order.flatMap { byShard[$0] }
    }
}
