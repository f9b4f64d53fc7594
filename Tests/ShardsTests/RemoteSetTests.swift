import Runtime
import Shards
import TestSupport
import Testing

/// Sets of shards on a web server.
@Suite struct RemoteSetTests {
    static let reading = RemoteReading(
        patience: HTTPPatience(seconds: 5, attempts: 3, firstDelay: 0.001, longestDelay: 0.01), blockBytes: 1000,
        cacheBytes: 5000)

    /// A set's files, the paths as a server has them, and its samples.
    private func files(_ count: Int = 12, shards: Int = 3, imageBytes: Int = 0) throws -> (
        files: [String: [UInt8]], samples: [ShardSample]
    ) {
        let directory = try TemporaryDirectory()
        var samples = try SampleShapes.samples(count)
        if imageBytes > 0 {
            for index in samples.indices {
                samples[index].encoded = (0..<imageBytes).map { UInt8(truncatingIfNeeded: $0 &* (index + 3) >> 3) }
                samples[index].sha256 = SHA256Digest.hex(samples[index].encoded)
            }
        }
        try ShardSetWriter.write(samples, manifest: SampleShapes.manifest, shards: shards, to: directory.path)
        let files = try SampleShapes.files(in: directory.path)
        return (Dictionary(uniqueKeysWithValues: files.map { ("/sets/a/" + $0, $1) }), samples)
    }

    private func open(_ server: RangeServer, _ reading: RemoteReading = reading) throws -> ShardSet {
        try ShardSet(path: server.url + "/sets/a/", reading: reading)
    }

    @Test(arguments: [RecordAccess.scattered, .sequential])
    func readsAsFromDisk(access: RecordAccess) throws {
        let (files, samples) = try files()
        let server = try RangeServer(files)
        defer { server.close() }
        for path in ["/sets/a", "/sets/a/", "/sets/a/manifest.json"] {
            let set = try ShardSet(path: server.url + path, reading: Self.reading)
            #expect(set.isRemote && set.count == samples.count && set.path == server.url + "/sets/a/")
            #expect(try (0..<set.count).map { try set.sample(at: $0, access: access) } == samples)
            for index in [11, 0, 7] { #expect(try set.sample(at: index, access: access) == samples[index]) }
            #expect(set.location(of: 5).path?.hasPrefix(server.url + "/sets/a/") == true)
        }
    }

    @Test func threadsShareConnectionsAndBlocks() throws {
        let (files, samples) = try files(40)
        let server = try RangeServer(files)
        defer { server.close() }
        let set = try open(server)
        let runs = try atEveryWorkerCount { try Workers.map(40) { try set.sample(at: $0, access: .sequential) } }
        for run in runs { #expect(run == samples) }
    }

    /// Blocks are fetched once while the cache holds them, and it holds no more than it may.
    @Test func readAheadIsBoundedAndShared() throws {
        let (files, _) = try files(30, shards: 1)
        let server = try RangeServer(files)
        defer { server.close() }
        let set = try open(
            server, RemoteReading(patience: Self.reading.patience, blockBytes: 4096, cacheBytes: 1 << 20))
        let before = server.requests.count
        for _ in 0..<3 {
            for index in 0..<30 { _ = try set.sample(at: index, access: .sequential) }
        }
        let bytes = try #require(set.manifest.shards.first?.bytes)
        #expect(server.requests.count - before == (bytes + 4095) / 4096)
    }

    /// Sizes and names of large images far away are told from a few bytes of their records.
    @Test func skimmingDoesNotFetchImages() throws {
        let (files, samples) = try files(4, shards: 1, imageBytes: 50_000)
        let server = try RangeServer(files)
        defer { server.close() }
        let set = try open(server)
        let before = server.requests.count
        for index in 0..<4 {
            let size = try set.imageSize(at: index)
            #expect(size.width == samples[index].width && size.height == samples[index].height)
            #expect(try set.fileName(at: index) == samples[index].fileName)
        }
        let fetched = server.requests[before...].reduce(0) { sum, request in
            let ends = request.split(separator: " ").last?.split(separator: "-").compactMap { Int($0) } ?? []
            return sum + (ends.count == 2 ? ends[1] - ends[0] + 1 : 50_000)
        }
        #expect(fetched < 40_000, "\(fetched) bytes")
    }

    @Test(arguments: [
        RangeServer.Fault.status(500), .close, .truncated(30), .stall(20),
    ])
    func troublePasses(fault: RangeServer.Fault) throws {
        let (files, samples) = try files()
        let server = try RangeServer(files) { _, number in number % 3 == 0 ? fault : nil }
        defer { server.close() }
        var reading = Self.reading
        reading.patience.seconds = 0.3
        let set = try open(server, reading)
        for index in 0..<6 { #expect(try set.sample(at: index) == samples[index]) }
    }

    @Test(arguments: [
        (RangeServer.Fault.whole, "shard.remote", "Range"), (.longerFile(9), "shard.changed", "manifest"),
        (.longerFile(-9), "shard.truncated", "manifest"), (.status(404), "shard.missing", "404"),
        (.status(403), "shard.remote", "403"), (.otherRange, "shard.remote", "asked for"),
        (.longerBody(3), "shard.remote", "states"), (.close, "shard.remote", "attempts"),
    ])
    func serversThatCannotBeUsedAreToldWhenOpened(fault: RangeServer.Fault, code: String, word: String) throws {
        let (files, _) = try files()
        let server = try RangeServer(files) { path, _ in path.hasSuffix(".tfrecord") ? fault : nil }
        defer { server.close() }
        let error = try #require(throws: ShardError.self) { try open(server) }
        #expect(error.codeName == code && error.message.contains(word), "\(error)")
        #expect(error.location?.path?.hasSuffix(".tfrecord") == true)
    }

    /// Trouble with one shard is no reason to try the patience of the user with each of the others.
    @Test(arguments: [false, true]) func aLostServerIsGivenUpOnce(toleratesDamage: Bool) throws {
        let (files, _) = try files(30, shards: 30)
        let server = try RangeServer(files) { path, _ in path.hasSuffix(".tfrecord") ? .status(500) : nil }
        defer { server.close() }
        let error = try #require(throws: ShardError.self) {
            try ShardSet(path: server.url + "/sets/a", reading: Self.reading, toleratesDamage: toleratesDamage)
        }
        #expect(error.codeName == "shard.remote" && error.message.contains("attempts"), "\(error)")
        let asked = server.requests.count { $0.contains(".tfrecord") }
        // A kept connection that the server has closed is asked once more.
        #expect(asked <= 2 * Self.reading.patience.attempts * Workers.count, "\(asked) requests")
    }

    /// The manifest says how long an index may be.
    @Test func anIndexHasAnEnd() throws {
        var (files, _) = try files()
        let index = try #require(files.keys.sorted().first { $0.hasSuffix(".idx") })
        files[index] = [UInt8](repeating: UInt8(ascii: "1"), count: 1 << 20)
        let server = try RangeServer(files)
        defer { server.close() }
        let error = try #require(throws: ShardError.self) { try open(server) }
        #expect(error.codeName == "shard.remote" && error.location?.path?.hasSuffix(".idx") == true, "\(error)")
    }

    /// A file that is replaced by another of the same length while it is read.
    @Test func changesAreNoticed() throws {
        let (files, samples) = try files()
        let server = try RangeServer(files)
        defer { server.close() }
        let set = try open(server)
        #expect(try set.sample(at: 0) == samples[0])
        let name = try #require(files.keys.sorted().first { $0.hasSuffix(".tfrecord") })
        var bytes = try #require(files[name])
        bytes[bytes.count - 1] ^= 1
        server.replace(name, with: bytes)
        let error = try #require(throws: ShardError.self) { try set.sample(at: 1) }
        #expect(error.code == .changed && error.kind == .inputOutput)
    }

    @Test func changedBytesAreFoundByTheirChecksum() throws {
        let (files, _) = try files()
        let server = try RangeServer(files) { path, number in
            path.hasSuffix(".tfrecord") && number > 10 ? .flipped : nil
        }
        defer { server.close() }
        let set = try open(server)
        while server.requests.count <= 10 { _ = try set.sample(at: 0) }
        let error = try #require(throws: ShardError.self) { try set.sample(at: 5) }
        #expect(
            error.code == .checksum && error.location?.record == 1 && error.location?.path?.contains("00001") == true)
    }

    @Test func otherAddressesAreRefused() throws {
        let (files, _) = try files()
        let server = try RangeServer(files)
        defer { server.close() }
        for (path, code, word) in [
            (server.url + "/sets/b/", "shard.missing", "404"),
            (server.url + "/sets/a/x.tfrecord", "shard.missing", "manifest.json"),
            ("https://127.0.0.1/sets/a/", "shard.remote", "https"), ("http:///sets", "shard.remote", "host"),
        ] {
            let error = try #require(throws: ShardError.self) { try ShardSet(path: path, reading: Self.reading) }
            #expect(error.codeName == code && "\(error)".contains(word), "\(error)")
        }
    }

    @Test func indexesAreNeededAndMustFit() throws {
        var (files, _) = try files()
        let index = try #require(files.keys.sorted().first { $0.hasSuffix(".idx") })
        let text = try #require(files[index])
        for changed in [nil, [], Array(text.dropLast(5)), Array("0 17\n".utf8)] as [[UInt8]?] {
            files[index] = changed
            let server = try RangeServer(files)
            defer { server.close() }
            let error = try #require(throws: ShardError.self) { try open(server) }
            #expect(error.code == (changed == nil ? .missing : .index))
            #expect(error.location?.path?.hasSuffix(".idx") == true)
        }
    }

    /// Any change to any file is an error or without effect.
    @Test func survivesMutations() throws {
        let (files, samples) = try files(4, shards: 1)
        let names = files.keys.sorted()
        let server = try RangeServer(files)
        defer { server.close() }
        for round in 0..<120 {
            var random = CounterRandom(seed: 5, sample: UInt64(round), purpose: RandomPurpose("mutate remote set"))
            let name = names[round % names.count]
            var bytes = try #require(files[name])
            let at = random.index(below: bytes.count)
            switch random.index(below: 3) {
            case 0: bytes[at] ^= 1 << UInt8(random.index(below: 8))
            case 1: bytes.removeSubrange(at...)
            default: bytes.insert(UInt8(random.index(below: 256)), at: at)
            }
            server.replace(name, with: bytes)
            do {
                let set = try open(server)
                let isSame = try (0..<set.count).map { try set.sample(at: $0) } == samples
                #expect(isSame)
            } catch {
                #expect(error is ShardError && (error as? ShardError)?.location?.path != nil, "\(error)")
            }
            server.replace(name, with: files[name] ?? [])
        }
    }
}
