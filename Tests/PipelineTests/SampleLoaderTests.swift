import Foundation
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct SampleLoaderTests {
    /// A set of `count` samples without objects, whose image bytes are their number.
    static func set(_ count: Int, in directory: TemporaryDirectory) throws -> ShardSet {
        let samples = (0..<count).map { index in
            ShardSample(
                imageID: "\(index)", fileName: "\(index).png", format: "png", width: 4, height: 3,
                encoded: Array(repeating: UInt8(index), count: 40), objects: [])
        }
        try ShardSetWriter.write(
            samples, manifest: ShardManifest(name: "a", classes: []), shards: min(3, max(1, count)), to: directory.path)
        return try ShardSet(path: directory.path)
    }

    static func ids(_ loader: SampleLoader<ShardSample>) throws -> [String] {
        var ids: [String] = []
        while let sample = try loader.next() { ids.append(sample.imageID) }
        return ids
    }

    @Test func everySampleOnceAnEpoch() throws {
        let directory = try TemporaryDirectory()
        let set = try Self.set(23, in: directory)
        let loader = SampleLoader(set, state: LoaderState(seed: 4), epochs: 3)
        let epochs = try (0..<3).map { _ in try Self.ids(loader) }
        for epoch in epochs { #expect(epoch.compactMap { Int($0) }.sorted() == Array(0..<23)) }
        #expect(Set(epochs).count == 3)
        #expect(try loader.next() == nil)
        #expect(loader.state == LoaderState(seed: 4, epoch: 3, position: 0))
        let other = SampleLoader(set, state: LoaderState(seed: 5), epochs: 1)
        #expect(try Self.ids(other) != epochs[0])
    }

    /// On this machine only what is read from front to back is read as that: pages of other orders are given back otherwise.
    @Test(arguments: [(LoaderShuffle.none, RecordAccess.sequential), (.global, .scattered), (.window(5), .scattered)])
    func accessFollowsTheOrder(shuffle: LoaderShuffle, access: RecordAccess) throws {
        let directory = try TemporaryDirectory()
        let set = try Self.set(9, in: directory)
        let loader = SampleLoader(records: set, state: LoaderState(seed: 0), shuffle: shuffle, epochs: 1) { $1 }
        while let told = try loader.next() { #expect(told == access) }
    }

    @Test func unshuffledIsTheSetsOrder() throws {
        let directory = try TemporaryDirectory()
        let set = try Self.set(9, in: directory)
        let loader = SampleLoader(set, state: LoaderState(seed: 0), shuffle: .none, epochs: 2)
        #expect(try Self.ids(loader) == (0..<9).map(String.init))
        #expect(try Self.ids(loader) == (0..<9).map(String.init))
        let part = SampleLoader(
            set, state: LoaderState(seed: 0), shuffle: .none, indices: [8, 2, 2], epochs: 1)
        #expect(try Self.ids(part) == ["8", "2", "2"])
    }

    /// The same elements at any thread count, including what the transform draws.
    @Test(arguments: [1, 2, 3, 7])
    func threadsChangeNothing(workers: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try Self.set(31, in: directory)
        func elements(_ workers: Int) throws -> [String] {
            let loader = SampleLoader(
                set, state: LoaderState(seed: 1), epochs: 3, workers: workers, window: 6
            ) { sample, place in
                var random = CounterRandom(
                    seed: 1, epoch: UInt64(place.epoch), sample: UInt64(place.index), purpose: RandomPurpose("t"))
                return "\(sample.imageID) \(place) \(random.next())"
            }
            var elements: [String] = []
            for _ in 0..<3 {
                while let element = try loader.next() { elements.append(element) }
            }
            return elements
        }
        #expect(try elements(workers) == elements(1))
        #expect(try elements(workers).count == 93)
    }

    /// From the state after any number of samples, a new loader goes on as the old one would have.
    @Test(arguments: [1, 3])
    func resumesExactly(workers: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try Self.set(7, in: directory)
        func step(_ loader: SampleLoader<ShardSample>) throws -> String { try loader.next()?.imageID ?? "-" }
        let whole = SampleLoader(set, state: LoaderState(seed: 8), epochs: 3)
        let expected = try (0..<24).map { _ in try step(whole) }
        for stop in 0...24 {
            let first = SampleLoader(set, state: LoaderState(seed: 8), epochs: 3, workers: workers)
            for index in 0..<stop { #expect(try step(first) == expected[index]) }
            let second = SampleLoader(set, state: first.state, epochs: 3, workers: workers)
            for index in stop..<24 { #expect(try step(second) == expected[index]) }
            #expect(try second.next() == nil)
        }
    }

    @Test(arguments: [1, 3])
    func corruptRecordFailsInItsPlace(workers: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try Self.damagedSet(in: directory)
        let loader = SampleLoader(
            set, state: LoaderState(seed: 0), shuffle: .none, epochs: 1, workers: workers, window: 9)
        for index in 0..<4 { #expect(try loader.next()?.imageID == "\(index)") }
        let error = #expect(throws: ShardError.self) { try loader.next() }
        #expect(error?.code == .checksum)
        #expect(loader.state.position == 4)
        #expect(try loader.next() == nil)
    }

    @Test(arguments: [1, 3])
    func corruptRecordIsSkippedWithAFinding(workers: Int) throws {
        let directory = try TemporaryDirectory()
        let set = try Self.damagedSet(in: directory)
        let loader = SampleLoader(
            set, state: LoaderState(seed: 0), shuffle: .none, epochs: 2, workers: workers, onCorrupt: .skip)
        for _ in 0..<2 { #expect(try Self.ids(loader) == ["0", "1", "2", "3", "5"]) }
        // The record came up twice, and is listed once.
        #expect(loader.findings.count == 1 && loader.skippedTurns == 2)
        #expect(loader.findings.first?.rule == "shard.crc")
        #expect(loader.findings.first?.location.record == 0)
        #expect(loader.findings.first?.location.imageID == "4")
    }

    /// A shard that was cut off costs its records, and no others.
    @Test(arguments: [1, 3])
    func recordsOfATruncatedShardAreSkipped(workers: Int) throws {
        let directory = try TemporaryDirectory()
        _ = try Self.set(9, in: directory)
        let path = directory.file("a-00001-of-00003.tfrecord")
        try AtomicFileWriter.write(Array(try FileSystem.read(path).dropLast(30)), to: path)
        let set = try ShardSet(path: directory.path, toleratesDamage: true)
        let loader = SampleLoader(
            set, state: LoaderState(seed: 0), shuffle: .none, epochs: 1, workers: workers, onCorrupt: .skip)
        #expect(try Self.ids(loader) == ["0", "1", "2", "3", "4", "6", "7", "8"])
        let finding = try #require(loader.findings.first)
        #expect(loader.findings.count == 1 && finding.rule == "shard.truncated" && finding.location.path == path)
        #expect(finding.location.record == 2 && finding.location.imageID == "5" && finding.location.byteOffset != nil)
        let failing = SampleLoader(set, state: LoaderState(seed: 0), shuffle: .none, epochs: 1, workers: workers)
        for _ in 0..<5 { _ = try failing.next() }
        #expect(throws: ShardError.self) { try failing.next() }
    }

    /// A record that was told of before counts for the limit, and is not told of again.
    @Test func knownRecordsAreNotToldOfAgain() throws {
        let directory = try TemporaryDirectory()
        let set = try Self.damagedSet(in: directory)
        func loader(_ policy: CorruptRecordPolicy, known: [Int]) -> SampleLoader<ShardSample> {
            SampleLoader(
                set, state: LoaderState(seed: 0), shuffle: .none, epochs: 1, onCorrupt: policy, knownCorrupt: known
            ) { sample, _ in sample }
        }
        let first = loader(.skipAtMost(1), known: [])
        #expect(try Self.ids(first) == ["0", "1", "2", "3", "5"] && first.leftOut == [4])
        let second = loader(.skipAtMost(1), known: [4])
        #expect(try Self.ids(second) == ["0", "1", "2", "3", "5"])
        #expect(second.findings.isEmpty && second.leftOut.isEmpty && second.skippedTurns == 1)
        let full = loader(.skipAtMost(1), known: [2])
        #expect(throws: PipelineError.self) { try Self.ids(full) }
    }

    /// Six samples in three shards, the fifth with a flipped bit.
    static func damagedSet(in directory: TemporaryDirectory) throws -> ShardSet {
        _ = try set(6, in: directory)
        let path = directory.file("a-00002-of-00003.tfrecord")
        var bytes = try FileSystem.read(path)
        bytes[100] ^= 4
        try AtomicFileWriter.write(bytes, to: path)
        return try ShardSet(path: directory.path)
    }

    @Test func transformsThatFindBadDataFollowThePolicy() throws {
        struct Defect: OperationError {
            let codeName = "image.broken"
            var kind: FailureKind
            let message = "no image"
            let location: DataLocation? = nil
            let cause: (any Error)? = nil
        }
        let directory = try TemporaryDirectory()
        let set = try Self.set(5, in: directory)
        func loader(_ kind: FailureKind) -> SampleLoader<String> {
            SampleLoader(
                set, state: LoaderState(seed: 0), shuffle: .none, epochs: 1, onCorrupt: .skip
            ) { sample, _ in
                if sample.imageID == "1" { throw Defect(kind: kind) }
                return sample.imageID
            }
        }
        let skipping = loader(.badInput)
        var ids: [String] = []
        while let id = try skipping.next() { ids.append(id) }
        #expect(ids == ["0", "2", "3", "4"])
        #expect(skipping.findings.map(\.rule) == ["image.broken"])
        #expect(skipping.findings.first?.location.imageID == "1")
        // A full disk is not bad data.
        let failing = loader(.inputOutput)
        #expect(try failing.next() == "0")
        #expect(throws: Defect.self) { try failing.next() }
    }

    @Test func cancellationIsTheEnd() throws {
        let directory = try TemporaryDirectory()
        let set = try Self.set(20, in: directory)
        let loader = SampleLoader(set, state: LoaderState(seed: 0), workers: 3)
        _ = try loader.next()
        loader.cancel()
        #expect(try loader.next() == nil)
        #expect(loader.state.position == 1)
    }

    @Test func emptySetHasEmptyEpochs() throws {
        let directory = try TemporaryDirectory()
        let set = try Self.set(0, in: directory)
        let loader = SampleLoader(set, state: LoaderState(seed: 0), epochs: 2)
        #expect(try loader.next() == nil)
        #expect(try loader.next() == nil)
        #expect(loader.state.epoch == 2)
    }
}
