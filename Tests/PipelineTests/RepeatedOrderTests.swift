import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Epochs in which samples come up so often that nobody may write them down.
@Suite struct RepeatedOrderTests {
    private func loader(
        _ set: ShardSet, repeats: [Double], shuffle: LoaderShuffle, state: LoaderState = LoaderState(seed: 5),
        workers: Int = 1
    ) -> SampleLoader<Int> {
        SampleLoader(
            records: set, state: state, shuffle: shuffle, repeats: repeats, epochs: state.epoch + 2, workers: workers
        ) { place, _ in place.index }
    }

    /// An epoch of 10^17 samples begins at once. Written down, it would not fit any memory.
    @Test(arguments: [LoaderShuffle.none, .global, .window(1_000_000_000), .window(70_000), .window(9)])
    func hugeRepeatsTakeNoMemory(shuffle: LoaderShuffle) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(100, in: directory)
        let repeats = [Double](repeating: 1e9, count: 99) + [0.5]
        let first = loader(set, repeats: repeats, shuffle: shuffle)
        #expect(first.epochCount == 99_000_000_000 || first.epochCount == 99_000_000_001)
        let head = try (0..<300).map { _ in try #require(try first.next()) }
        #expect(head.allSatisfy { (0..<100).contains($0) })
        if shuffle == .global { #expect(Set(head).count > 60) }
        for workers in [2, 3, 7] {
            let other = loader(set, repeats: repeats, shuffle: shuffle, workers: workers)
            #expect(try (0..<300).map { _ in try #require(try other.next()) } == head)
        }
        // Any place can be gone on from, the last as well.
        let place = LoaderState(seed: 5, epoch: 3, position: 98_999_999_990)
        let late = loader(set, repeats: repeats, shuffle: shuffle, state: place)
        var tail = 0
        while try late.next() != nil { tail += 1 }
        #expect(tail == late.epochCount - place.position && late.state == LoaderState(seed: 5, epoch: 4))
    }

    /// Orders that are computed place by place hold every copy, as those that are written down do.
    @Test(arguments: [LoaderShuffle.global, .window(70_000), .window(1000)])
    func everyCopyComesOnce(shuffle: LoaderShuffle) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(6, in: directory)
        let repeats: [Double] = [50_000, 0, 20_000, 1, 30_000, 7]
        let loader = loader(set, repeats: repeats, shuffle: shuffle)
        var epochs: [[Int]] = []
        for _ in 0..<2 {
            var epoch: [Int] = []
            while let sample = try loader.next() { epoch.append(sample) }
            var times = [Double](repeating: 0, count: 6)
            for sample in epoch { times[sample] += 1 }
            #expect(times == repeats)
            epochs.append(epoch)
        }
        #expect(epochs[0] != epochs[1])
        guard shuffle == .global else { return }
        // Copies stand evenly in the order: a tenth of it has a tenth of the first sample's, up to six deviations.
        for start in stride(from: 0, to: 100_000, by: 10_000) {
            let share = epochs[0][start..<start + 10_000].count { $0 == 0 }
            #expect(abs(share - 5000) < 300, "\(share) of 5000")
        }
    }
}
