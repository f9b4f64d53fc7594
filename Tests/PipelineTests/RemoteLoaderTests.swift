import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Loading from a web server.
@Suite struct RemoteLoaderTests {
    private func server(
        _ directory: TemporaryDirectory,
        _ fault: @escaping @Sendable (String, Int) -> RangeServer.Fault? = { _, _ in nil }
    ) throws -> RangeServer {
        var files: [String: [UInt8]] = [:]
        for name in try FileSystem.list(directory.path) {
            files["/s/" + name] = try FileSystem.read(directory.file(name))
        }
        return try RangeServer(files, fault: fault)
    }

    private let reading = RemoteReading(
        patience: HTTPPatience(seconds: 5, attempts: 4, firstDelay: 0.001), blockBytes: 1500, cacheBytes: 6000)

    @Test(arguments: [LoaderShuffle.none, .global, .window(6)]) func theOrderIsThatOfTheDisk(
        shuffle: LoaderShuffle
    ) throws {
        let directory = try TemporaryDirectory()
        let local = try SampleLoaderTests.set(25, in: directory)
        // Every seventh answer fails, and is asked for again.
        let server = try server(directory) { _, number in number % 7 == 6 ? .truncated(9) : nil }
        defer { server.close() }
        let remote = try ShardSet(path: server.url + "/s/", reading: reading)
        func ids(_ set: ShardSet, workers: Int) throws -> [[String]] {
            let loader = SampleLoader(
                set, state: LoaderState(seed: 2), shuffle: shuffle, epochs: 2, workers: workers)
            return try (0..<2).map { _ in try SampleLoaderTests.ids(loader) }
        }
        let expected = try ids(local, workers: 1)
        for workers in [1, 2, 3, 7] { #expect(try ids(remote, workers: workers) == expected) }
    }

    /// A server that goes away is no corrupt record: nothing is left out.
    @Test func aServerThatGoesAwayIsAFailure() throws {
        let directory = try TemporaryDirectory()
        _ = try SampleLoaderTests.set(25, in: directory)
        let server = try server(directory)
        let remote = try ShardSet(path: server.url + "/s/", reading: reading)
        let loader = SampleLoader(
            remote, state: LoaderState(seed: 2), epochs: 1, workers: 2, window: 2, onCorrupt: .skip)
        #expect(try loader.next() != nil)
        server.close()
        let error = #expect(throws: ShardError.self) { while try loader.next() != nil {} }
        #expect(error?.code == .remote && error?.kind == .inputOutput)
        #expect(loader.findings.isEmpty)
    }

    /// A shard that is shorter on the server than the manifest says costs the records that are not there.
    @Test func truncatedShardsAreReadInPart() throws {
        let directory = try TemporaryDirectory()
        _ = try SampleLoaderTests.set(9, in: directory)
        let path = directory.file("a-00001-of-00003.tfrecord")
        try AtomicFileWriter.write(Array(try FileSystem.read(path).dropLast(30)), to: path)
        let server = try server(directory)
        defer { server.close() }
        let refused = #expect(throws: ShardError.self) { try ShardSet(path: server.url + "/s/", reading: reading) }
        #expect(refused?.code == .truncated)
        let remote = try ShardSet(path: server.url + "/s/", reading: reading, toleratesDamage: true)
        for shuffle in [LoaderShuffle.none, .global, .window(4)] {
            let loader = SampleLoader(
                remote, state: LoaderState(seed: 0), shuffle: shuffle, epochs: 1, onCorrupt: .skip)
            #expect(try SampleLoaderTests.ids(loader).sorted() == ["0", "1", "2", "3", "4", "6", "7", "8"])
            #expect(loader.findings.map(\.rule) == ["shard.truncated"])
            #expect(loader.findings.first?.location.imageID == "5")
        }
    }

    @Test func corruptRecordsAreListedWithTheirAddress() throws {
        let directory = try TemporaryDirectory()
        _ = try SampleLoaderTests.damagedSet(in: directory)
        let server = try server(directory)
        defer { server.close() }
        let remote = try ShardSet(path: server.url + "/s/", reading: reading)
        let loader = SampleLoader(
            remote, state: LoaderState(seed: 0), shuffle: .none, epochs: 1, onCorrupt: .skip)
        #expect(try SampleLoaderTests.ids(loader) == ["0", "1", "2", "3", "5"])
        #expect(loader.findings.first?.location.path == server.url + "/s/a-00002-of-00003.tfrecord")
    }
}
