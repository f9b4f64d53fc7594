import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Several processes that share one order.
@Suite struct LoaderShareTests {
    private static let shuffles: [LoaderShuffle] = [.none, .global, .window(5)]

    private func loader(
        _ set: ShardSet, rank: Int, of worldSize: Int, shuffle: LoaderShuffle = .global,
        lastTurn: LoaderShare.LastTurn = .short, from state: LoaderState = LoaderState(seed: 3), epochs: Int = 2,
        workers: Int = 1, repeats: [Double]? = nil, onCorrupt: CorruptRecordPolicy = .fail
    ) -> SampleLoader<ShardSample> {
        SampleLoader(
            set, state: state, shuffle: shuffle, repeats: repeats,
            share: LoaderShare(rank: rank, worldSize: worldSize, lastTurn: lastTurn), epochs: epochs,
            workers: workers, onCorrupt: onCorrupt)
    }

    private func rest(_ loader: SampleLoader<ShardSample>) throws -> [String] { try SampleLoaderTests.ids(loader) }

    /// What all ranks take, turn by turn, is the order of a single process, whatever their number.
    @Test(arguments: shuffles, [1, 2, 3, 4, 5]) func ranksShareOneOrder(shuffle: LoaderShuffle, ranks: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(23, in: directory)
        let whole = loader(set, rank: 0, of: 1, shuffle: shuffle)
        let all = (0..<ranks).map { loader(set, rank: $0, of: ranks, shuffle: shuffle, workers: 1 + $0 % 3) }
        for _ in 0..<2 {
            let expected = try rest(whole)
            let parts = try all.map(rest)
            var together: [String] = []
            for turn in 0..<(parts.map(\.count).max() ?? 0) {
                for part in parts where turn < part.count { together.append(part[turn]) }
            }
            #expect(together == expected)
            #expect(together.compactMap { Int($0) }.sorted() == Array(0..<23))
        }
        #expect(Set(all.map(\.state)) == [LoaderState(seed: 3, epoch: 2)])
    }

    /// With repeats of the epoch's beginning every rank has as many turns, and what is added is counted.
    @Test(arguments: [1, 2, 3, 4, 5, 30]) func unevenEndsArePaddedWhenAsked(ranks: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(23, in: directory)
        let order = try rest(loader(set, rank: 0, of: 1))
        let parts = try (0..<ranks).map { try rest(loader(set, rank: $0, of: ranks, lastTurn: .repeat)) }
        let turns = (23 + ranks - 1) / ranks
        #expect(Set(parts.map(\.count)) == [turns])
        let together = (0..<turns).flatMap { turn in parts.map { $0[turn] } }
        let expected: [String] = (0..<turns * ranks).map { place in order[place % 23] }
        #expect(together == expected)
    }

    /// Two ranks stop together; three, or one, go on where they stopped.
    @Test(arguments: [1, 2, 3, 5], [1, 2, 3, 4]) func goesOnWithAnotherNumberOfRanks(before: Int, after: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(31, in: directory)
        let order = try rest(loader(set, rank: 0, of: 1))
        for turns in 0...(31 / before) {
            let first = (0..<before).map { loader(set, rank: $0, of: before, workers: 2) }
            var seen: [String] = []
            for _ in 0..<turns { for rank in first { seen += try rank.nextBatch(1)?.map(\.imageID) ?? [] } }
            let states = Set(first.map(\.state))
            #expect(states == [LoaderState(seed: 3, epoch: 0, position: turns * before)])
            let state = try #require(states.first)
            let second = (0..<after).map { loader(set, rank: $0, of: after, from: state) }
            let parts = try second.map(rest)
            for turn in 0..<(parts.map(\.count).max() ?? 0) {
                for part in parts where turn < part.count { seen.append(part[turn]) }
            }
            #expect(seen == order)
            // The next epoch is whole again.
            #expect(try second.flatMap(rest).compactMap { Int($0) }.sorted() == Array(0..<31))
        }
    }

    /// Ranks that go on share repeats as well.
    @Test func repeatsAreShared() throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(11, in: directory)
        let repeats = (0..<11).map { 0.5 + Double($0) / 4 }
        let order = try rest(loader(set, rank: 0, of: 1, repeats: repeats))
        let parts = try (0..<3).map { try rest(loader(set, rank: $0, of: 3, repeats: repeats)) }
        #expect(parts.flatMap { $0 }.sorted() == order.sorted())
        let together: [String] = (0..<order.count).map { place in parts[place % 3][place / 3] }
        #expect(together == order)
    }

    @Test func fewerSamplesThanRanks() throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(2, in: directory)
        let parts = try (0..<4).map { rank in
            let loader = loader(set, rank: rank, of: 4)
            return try [rest(loader).count, rest(loader).count]
        }
        #expect(parts == [[1, 1], [1, 1], [0, 0], [0, 0]])
    }

    /// A record that is left out takes its turn: ranks stay together, and nothing comes twice or never.
    @Test func corruptRecordsKeepRanksTogether() throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.damagedSet(in: directory)
        let ranks = (0..<2).map { loader(set, rank: $0, of: 2, shuffle: .none, onCorrupt: .skip) }
        var batches: [[[String]]] = [[], []]
        for (number, rank) in ranks.enumerated() {
            while let batch = try rank.nextBatch(2) { batches[number].append(batch.map(\.imageID)) }
        }
        #expect(batches == [[["0", "2"], []], [["1", "3"], ["5"]]])
        #expect(ranks.map(\.skippedTurns) == [1, 0])
        #expect(ranks[0].findings.map(\.location.record) == [0])
        #expect(ranks[0].findings.first?.location.byteOffset == 0)
        #expect(ranks[0].findings.first?.location.path?.hasSuffix("00002-of-00003.tfrecord") == true)
    }

    @Test(arguments: [1, 3]) func onlySoManyRecordsAreLeftOut(workers: Int) throws {
        let directory = try TemporaryDirectory()
        _ = try SampleLoaderTests.set(6, in: directory)
        for shard in 0..<3 {
            let path = directory.file("a-0000\(shard)-of-00003.tfrecord")
            var bytes = try FileSystem.read(path)
            bytes[100] ^= 4
            try AtomicFileWriter.write(bytes, to: path)
        }
        let set = try ShardSet(path: directory.path)
        let patient = loader(set, rank: 0, of: 1, shuffle: .none, workers: workers, onCorrupt: .skipAtMost(3))
        // The same records in the second epoch do not count again.
        for _ in 0..<2 { #expect(try rest(patient) == ["1", "3", "5"]) }
        #expect(patient.findings.count == 3 && patient.skippedTurns == 6)
        let strict = loader(set, rank: 0, of: 1, shuffle: .none, workers: workers, onCorrupt: .skipAtMost(2))
        #expect(try strict.next()?.imageID == "1")
        #expect(try strict.next()?.imageID == "3")
        let error = #expect(throws: PipelineError.self) { try strict.next() }
        #expect(error?.code == .corruptRecords && error?.location?.imageID == "4")
        #expect((error?.cause as? ShardError)?.code == .checksum)
        #expect(try strict.next() == nil)
        #expect(strict.state.position == 4)
    }

    @Test func batchesAreCutAtTheEndOfAnEpoch() throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(7, in: directory)
        let loader = loader(set, rank: 0, of: 1, shuffle: .none)
        var sizes: [Int?] = []
        for _ in 0..<9 { sizes.append(try loader.nextBatch(3)?.count) }
        #expect(sizes == [3, 3, 1, nil, 3, 3, 1, nil, nil])
        #expect(loader.state == LoaderState(seed: 3, epoch: 2))
    }
}
