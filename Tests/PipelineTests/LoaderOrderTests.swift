import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Which samples come, how often and in what order.
@Suite struct LoaderOrderTests {
    private static let shuffles: [LoaderShuffle] = [.none, .global, .window(2), .window(7), .window(1000)]

    /// The record numbers of some epochs, as they come.
    private func epochs(
        _ set: ShardSet, _ count: Int, shuffle: LoaderShuffle, seed: UInt64 = 1, indices: [Int]? = nil,
        repeats: [Double]? = nil, workers: Int = 1
    ) throws -> [[Int]] {
        let loader = SampleLoader(
            records: set, state: LoaderState(seed: seed), shuffle: shuffle, indices: indices, repeats: repeats,
            epochs: count, workers: workers
        ) { place, _ in place.index }
        return try (0..<count).map { _ in
            var numbers: [Int] = []
            while let number = try loader.next() { numbers.append(number) }
            return numbers
        }
    }

    @Test(arguments: shuffles) func everySampleOnceAnEpoch(shuffle: LoaderShuffle) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(40, in: directory)
        let runs = try [1, 2, 3, 7].map { try epochs(set, 3, shuffle: shuffle, workers: $0) }
        for run in runs { #expect(run == runs[0]) }
        for epoch in runs[0] { #expect(epoch.sorted() == Array(0..<40)) }
        #expect(Set(runs[0]).count == (shuffle == .none ? 1 : 3))
        let other = try epochs(set, 1, shuffle: shuffle, seed: 2)[0]
        #expect((other == runs[0][0]) == (shuffle == .none))
    }

    /// A window takes its samples from one stretch of shards in random order, and so do all before it.
    @Test(arguments: [2, 5, 13]) func windowsStayTogether(size: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(39, in: directory)
        #expect(set.shardRanges == [0..<13, 13..<26, 26..<39])
        var orders: Set<[Int]> = []
        for epoch in try epochs(set, 12, shuffle: .window(size)) {
            let windows = stride(from: 0, to: 39, by: size).map { Array(epoch[$0..<min(39, $0 + size)]) }
            // Sorted within windows, the order is that of shards one after the other.
            var shards: [Int] = []
            for window in windows {
                for shard in Set(window.map { $0 / 13 }) where !shards.contains(shard) { shards.append(shard) }
            }
            #expect(shards.count == 3)
            orders.insert(shards)
            let sequence = shards.flatMap { Array(set.shardRanges[$0]) }
            for (number, window) in windows.enumerated() {
                let expected = sequence[number * size..<min(39, (number + 1) * size)]
                #expect(window.sorted() == expected.sorted())
            }
        }
        #expect(orders.count > 2)
    }

    @Test func ordersAsText() {
        for shuffle in Self.shuffles { #expect(LoaderShuffle(shuffle.description) == shuffle) }
        for text in ["", "window", "window=", "window=1", "window=-3", "window=x", "Global", "window=9999999999"] {
            #expect(LoaderShuffle(text) == nil)
        }
        for policy in [CorruptRecordPolicy.fail, .skip, .skipAtMost(3)] {
            #expect(CorruptRecordPolicy(policy.description) == policy)
        }
        #expect(CorruptRecordPolicy("0") == .fail)
        for text in ["", "-1", "x", "1.5"] { #expect(CorruptRecordPolicy(text) == nil) }
    }

    // MARK: Repeats

    @Test(arguments: shuffles) func wholeRepeatsComeExactly(shuffle: LoaderShuffle) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(9, in: directory)
        let repeats = (0..<9).map { Double($0 % 4) }
        for epoch in try epochs(set, 3, shuffle: shuffle, repeats: repeats) {
            let times: [Int] = (0..<9).map { number in epoch.count { $0 == number } }
            #expect(times == [0, 1, 2, 3, 0, 1, 2, 3, 0])
        }
    }

    /// A fraction is served in that share of the epochs, no sample comes more often than its rounded-up number, and
    /// epochs are all as long.
    @Test func fractionsComeAsOftenAsTheySay() throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(30, in: directory)
        let repeats = (0..<30).map { [1, 2.3, 0.25, 1.5, 0.7, 3][$0 % 6] }
        let sum = repeats.reduce(0, +)
        let count = 2000
        let runs = try epochs(set, count, shuffle: .global, repeats: repeats)
        #expect(Set(runs.map(\.count)) == [Int(sum.rounded(.down))])
        var totals = [Int](repeating: 0, count: 30)
        for epoch in runs {
            var times = [Int](repeating: 0, count: 30)
            for number in epoch { times[number] += 1 }
            for (number, time) in times.enumerated() {
                totals[number] += time
                #expect([Int(repeats[number]), Int(repeats[number].rounded(.up))].contains(time))
            }
        }
        // The length is rounded down from 43.75: each fraction is served 0.75 / 8.75 less often at most.
        for (number, total) in totals.enumerated() {
            let fraction = repeats[number] - repeats[number].rounded(.down)
            let mean = Double(total) / Double(count)
            let deviation = (fraction * (1 - fraction) / Double(count)).squareRoot()
            #expect(mean >= repeats[number] - fraction * 0.75 / 8.75 - 4 * deviation - 1e-9, "\(number): \(mean)")
            #expect(mean <= repeats[number] + 4 * deviation + 1e-9, "\(number): \(mean)")
        }
        #expect(try epochs(set, 3, shuffle: .global, repeats: repeats, workers: 7) == Array(runs[0..<3]))
    }

    @Test(arguments: [[0.3, 0.4], [0.2, 0.2], [0, 0], [0.5, 0], [1e-300, 1], [0.999_999_999_9, 0.000_000_000_1]])
    func oddRepeatsHaveAnEnd(repeats: [Double]) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(2, in: directory)
        let expected = Int(repeats.reduce(0, +).rounded())
        for epoch in try epochs(set, 5, shuffle: .global, repeats: repeats) {
            #expect(epoch.count == expected && Set(epoch).count == epoch.count)
        }
    }

    @Test func manifestsStateRepeats() throws {
        let directory = try TemporaryDirectory()
        var set = try SampleLoaderTests.set(4, in: directory)
        #expect(set.repeats(of: [0, 3]) == nil && set.epochCount(of: [0, 3]) == 2)
        var manifest = set.manifest
        manifest.shards[0].records[0].repeats = 2.5
        try manifest.write(to: directory.path)
        set = try ShardSet(path: directory.path)
        #expect(set.repeats(of: [0, 3]) == [2.5, 1] && set.epochCount(of: [0, 3]) == 4)
        #expect(set.repeats(of: [1, 3]) == nil)
    }

    @Test func unshuffledRepeatsStandTogether() throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(5, in: directory)
        #expect(try epochs(set, 1, shuffle: .none, indices: [4, 0, 2], repeats: [2, 1, 3]) == [[4, 4, 0, 2, 2, 2]])
    }
}
