import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ShardSetTests {
    @Test func namesHaveFiveDigitsOrMore() {
        let name = ShardFileName(name: "train-a", index: 3, count: 12)
        #expect(name.file == "train-a-00003-of-00012.tfrecord")
        #expect(name.indexFile == "train-a-00003-of-00012.idx")
        #expect(ShardFileName(name.file) == name)
        #expect(ShardFileName("x-100000-of-100001.tfrecord")?.index == 100_000)
        for other in ["a.tfrecord", "a-00001-of-00001.tfrecord", "a-1-of-2.tfrecord", "a-00000-of-00001.idx"] {
            #expect(ShardFileName(other) == nil)
        }
    }

    @Test(arguments: [1, 2, 5])
    func readsWhatItWrites(shards: Int) throws {
        let directory = try TemporaryDirectory()
        let samples = try SampleShapes.samples(17)
        let manifest = try ShardSetWriter.write(
            samples, manifest: SampleShapes.manifest, shards: shards, to: directory.path)
        for path in [directory.path, directory.file("manifest.json"), directory.path + "/"] {
            let set = try ShardSet(path: path)
            #expect(set.manifest == manifest)
            #expect(set.count == samples.count)
            #expect(try (0..<set.count).map { try set.sample(at: $0) } == samples)
            #expect(set.classIndex(of: -3) == 1)
            #expect(set.classIndex(of: 5) == nil)
            #expect(set.location(of: 16).imageID == "16")
            #expect(set.entry(at: 3).objects == [7: 2, -3: 1])
        }
        #expect(manifest.shards.count == shards)
        #expect(manifest.objectCount == samples.reduce(0) { $0 + $1.objects.count })
        for shard in manifest.shards {
            #expect(try SHA256Digest.hex(FileSystem.read(directory.file(shard.file))) == shard.sha256)
        }
    }

    /// Fewer shards than threads, as many, and more; images that are parts of their own, and none.
    @Test(arguments: [1, 2, 3, 8], [true, false])
    func bytesDoNotDependOnThreads(shards: Int, makesDigests: Bool) throws {
        var samples = try SampleShapes.samples(150)
        for index in [0, 63, 64, 149] {
            samples[index].encoded = [UInt8](repeating: UInt8(index), count: 70_000 + index)
        }
        let runs = try atEveryWorkerCount { () -> [String: [UInt8]] in
            let directory = try TemporaryDirectory()
            try ShardSetWriter.write(
                samples, manifest: SampleShapes.manifest, shards: shards, makesDigests: makesDigests,
                to: directory.path)
            return try SampleShapes.files(in: directory.path)
        }
        #expect(runs[0].count == 2 * shards + 1)
        #expect(runs.allSatisfy { $0 == runs[0] })
        // One shard after the other, record by record: what the bytes have to be.
        let bytes = samples.flatMap { RecordFraming.frame($0.example().encoded()) }
        let written = (0..<shards).flatMap {
            runs[0][ShardFileName(name: "cells", index: $0, count: shards).file] ?? []
        }
        #expect(written == bytes)
    }

    /// A set without digests is read like any other, and its manifest has no key for them.
    @Test func digestsCanBeLeftOut() throws {
        let directory = try TemporaryDirectory()
        let samples = try SampleShapes.samples(9)
        var plain = SampleShapes.manifest
        // The parser of small documents holds 63 bits.
        plain.seed = 7
        let manifest = try ShardSetWriter.write(
            samples, manifest: plain, shards: 2, makesDigests: false, to: directory.path)
        #expect(manifest.shards.allSatisfy { $0.sha256 == nil })
        let set = try ShardSet(path: directory.path)
        #expect(set.manifest == manifest)
        #expect(try (0..<set.count).map { try set.sample(at: $0) } == samples)
        let text = try JSONDocument.read(path: directory.file("manifest.json"))
        #expect(text["shards"]?[0]?["sha256"] == nil && text["shards"]?[0]?["bytes"] != nil)
        let schema = try JSONDocument.read(path: Repository.root + "/schemas/manifest.schema.json")
        let required = schema["properties"]?["shards"]?["items"]?["required"]?.array ?? []
        #expect(required.contains("file") && !required.contains("sha256"))
        #expect(
            try set.digest(ofShard: 0) == SHA256Digest.hex(FileSystem.read(directory.file(manifest.shards[0].file))))
    }

    /// The first shard that cannot be written is the one that is named, whatever becomes of the others.
    @Test func failureOfAShardIsTold() throws {
        let directory = try TemporaryDirectory()
        let samples = try SampleShapes.samples(40)
        // A folder stands where shards 1 and 3 are to be.
        for index in [1, 3] {
            try FileSystem.createDirectory(
                directory.file(ShardFileName(name: "cells", index: index, count: 4).file + "/x"))
        }
        let messages = atEveryWorkerCount { () -> String? in
            let error = #expect(throws: ShardError.self) {
                try ShardSetWriter.write(samples, manifest: SampleShapes.manifest, shards: 4, to: directory.path)
            }
            return error?.location?.path
        }
        #expect(messages.allSatisfy { $0?.hasSuffix("cells-00001-of-00004.tfrecord") == true }, "\(messages)")
        #expect(!FileSystem.exists(directory.file("manifest.json")))
    }

    /// Reading from front to back gives pages back; what was given back can be read again.
    @Test func sequentialReadingReadsTheSame() throws {
        let directory = try TemporaryDirectory()
        var samples = try SampleShapes.samples(60)
        for index in samples.indices { samples[index].encoded = [UInt8](repeating: UInt8(index), count: 600_000) }
        try ShardSetWriter.write(samples, manifest: SampleShapes.manifest, to: directory.path)
        let set = try ShardSet(path: directory.path)
        for _ in 0..<2 {
            for index in 0..<set.count {
                let isSame = try set.sample(at: index, access: .sequential) == samples[index]
                #expect(isSame, "sample \(index)")
            }
        }
        let isSame = try set.sample(at: 3) == samples[3]
        #expect(isSame)
    }

    @Test func moreShardsThanSamples() throws {
        let directory = try TemporaryDirectory()
        try ShardSetWriter.write(
            try SampleShapes.samples(2), manifest: SampleShapes.manifest, shards: 5, to: directory.path)
        let set = try ShardSet(path: directory.path)
        #expect(try (0..<set.count).map { try set.sample(at: $0).imageID } == ["0", "1"])
    }

    @Test func worksWithoutIndexes() throws {
        let directory = try TemporaryDirectory()
        let samples = try SampleShapes.samples(6)
        try ShardSetWriter.write(samples, manifest: SampleShapes.manifest, shards: 2, to: directory.path)
        for name in try FileSystem.list(directory.path) where name.hasSuffix(".idx") {
            try AtomicFileWriter.write("", to: directory.file(name))
        }
        // An index that is there must fit; one that is not there is not needed.
        #expect(throws: ShardError.self) { try ShardSet(path: directory.path) }
        let other = try TemporaryDirectory()
        for name in try FileSystem.list(directory.path) where !name.hasSuffix(".idx") {
            try AtomicFileWriter.write(FileSystem.read(directory.file(name)), to: other.file(name))
        }
        let set = try ShardSet(path: other.path)
        #expect(try (0..<set.count).map { try set.sample(at: $0) } == samples)
    }

    /// Numbers that contradict each other mean that something was lost.
    @Test(arguments: [
        ("\"record_count\": 6,", "\"record_count\": 7,", "the shards that it lists have 6"),
        ("\"object_count\": ", "\"object_count\": 1", "\"object_count\" is"),
        ("\"byte_count\": ", "\"byte_count\": 1", "\"byte_count\" is"),
        ("\"record_count\": 3,", "\"record_count\": 1000000000000,", "it lists 3 records"),
        ("00001-of-00002.tfrecord", "00000-of-00002.tfrecord", "is listed twice"),
        ("\"bytes\": ", "\"bytes\": -", "is not a number of 0 to"),
    ]) func manifestsThatContradictThemselvesAreRefused(old: String, new: String, message: String) throws {
        let directory = try TemporaryDirectory()
        try ShardSetWriter.write(
            try SampleShapes.samples(6), manifest: SampleShapes.manifest, shards: 2, to: directory.path)
        let path = directory.file("manifest.json")
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        let start = try #require(text.range(of: old))
        try AtomicFileWriter.write(text.replacingCharacters(in: start, with: new), to: path)
        let error = #expect(throws: ShardError.self) { try ShardSet(path: directory.path) }
        #expect(error?.code == .manifest && error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func aManifestThatLostItsShardsIsRefused() throws {
        let directory = try TemporaryDirectory()
        let text = #"{"schema_version": 1, "name": "a", "record_count": 120, "classes": [], "shards": []}"#
        try AtomicFileWriter.write(text, to: directory.file("manifest.json"))
        let error = #expect(throws: ShardError.self) { try ShardSet(path: directory.path) }
        #expect(error?.message.contains("\"record_count\" is 120, the shards that it lists have 0") == true)
    }

    /// Of a shard that ends too early, what is there can be read, by its index or without; what is not there is an error.
    @Test(arguments: [true, false], [1, 200, 100_000])
    func damagedShardsCanBeReadInPart(hasIndex: Bool, missing: Int) throws {
        let directory = try TemporaryDirectory()
        let samples = try SampleShapes.samples(9)
        try ShardSetWriter.write(samples, manifest: SampleShapes.manifest, shards: 3, to: directory.path)
        let name = try #require(try FileSystem.list(directory.path).first { $0.hasSuffix("00001-of-00003.tfrecord") })
        let whole = try FileSystem.read(directory.file(name))
        try AtomicFileWriter.write(Array(whole.dropLast(missing)), to: directory.file(name))
        if !hasIndex {
            try FileManager.default.removeItem(atPath: directory.file(String(name.dropLast(9)) + ".idx"))
        }
        let refused = #expect(throws: ShardError.self) { try ShardSet(path: directory.path) }
        #expect(refused?.code == .truncated)
        let set = try ShardSet(path: directory.path, toleratesDamage: true)
        #expect(set.count == 9 && set.damages.map(\.code) == [.truncated])
        var left: [Int] = []
        for index in 0..<9 {
            do throws(ShardError) {
                #expect(try set.sample(at: index) == samples[index])
            } catch {
                left.append(index)
                #expect(error.code == .truncated && error.location?.record == index % 3)
                #expect(set.location(of: index).imageID == samples[index].imageID)
            }
        }
        let starts = try RecordIndexLength.ends(of: whole)
        #expect(left == (0..<3).filter { starts[$0] > whole.count - missing }.map { 3 + $0 } && !left.isEmpty)
        set.willRead(0..<9)
    }

    /// Where the records of a whole shard end.
    private enum RecordIndexLength {
        static func ends(of file: [UInt8]) throws -> [Int] {
            try file.withUnsafeBytes { bytes in
                let index = try RecordIndex(scanning: bytes, path: "whole")
                return (0..<index.count).map { index.range(of: $0).upperBound }
            }
        }
    }

    @Test func manifestOfOtherShardsIsRefused() throws {
        let directory = try TemporaryDirectory()
        let manifest = try ShardSetWriter.write(
            try SampleShapes.samples(6), manifest: SampleShapes.manifest, shards: 2, to: directory.path)
        func open(_ change: (inout ShardManifest) -> Void) throws -> ShardError? {
            var other = manifest
            change(&other)
            try other.write(to: directory.path)
            return #expect(throws: ShardError.self) { try ShardSet(path: directory.path) }
        }
        #expect(try open { $0.shards[1].bytes += 1 }?.code == .truncated)
        #expect(try open { $0.shards[1].bytes -= 1 }?.code == .manifest)
        #expect(try open { $0.shards[0].records.removeLast() }?.code == .manifest)
        #expect(try open { $0.shards[0].file = "gone-00000-of-00001.tfrecord" }?.code == .missing)
        #expect(try open { $0.shards[0].file = "../x" }?.code == .manifest)
        // So many objects that their sum over many records would not fit 64 bits.
        #expect(try open { $0.shards[0].records[1].objects[7] = 1 << 52 }?.code == .manifest)
    }

    @Test func missingSetsAreNamed() throws {
        let directory = try TemporaryDirectory()
        let nothing = #expect(throws: ShardError.self) { try ShardSet(path: directory.file("none")) }
        #expect(nothing?.kind == .inputMissing)
        try ShardSetWriter.write(
            try SampleShapes.samples(1), manifest: SampleShapes.manifest, to: directory.file("train"))
        let above = #expect(throws: ShardError.self) { try ShardSet(path: directory.path) }
        #expect(above?.message.contains("train") == true)
        let shard = #expect(throws: ShardError.self) {
            try ShardSet(path: directory.file("train/cells-00000-of-00001.tfrecord"))
        }
        #expect(shard?.message.contains("manifest.json") == true)
    }

    /// Any change to any file of a set is an error or is without effect; never a crash, never another sample.
    @Test func survivesMutations() throws {
        let directory = try TemporaryDirectory()
        let samples = try SampleShapes.samples(4)
        try ShardSetWriter.write(samples, manifest: SampleShapes.manifest, shards: 1, to: directory.path)
        let files = try SampleShapes.files(in: directory.path)
        let names = files.keys.sorted()
        for round in 0..<300 {
            var random = CounterRandom(seed: 9, sample: UInt64(round), purpose: RandomPurpose("mutate set"))
            let name = names[round % names.count]
            guard var bytes = files[name] else { continue }
            let at = random.index(below: bytes.count)
            switch random.index(below: 4) {
            case 0: bytes[at] ^= 1 << UInt8(random.index(below: 8))
            case 1: bytes.removeSubrange(at...)
            case 2: bytes.remove(at: at)
            default: bytes.insert(UInt8(random.index(below: 256)), at: at)
            }
            try SampleShapes.write(bytes, to: directory.file(name))
            do {
                let set = try ShardSet(path: directory.path)
                let isSame = try (0..<set.count).map { try set.sample(at: $0) } == samples
                #expect(isSame)
            } catch {
                #expect(error is ShardError, "\(error)")
                #expect((error as? ShardError)?.location?.path != nil)
            }
            try SampleShapes.write(files[name] ?? [], to: directory.file(name))
        }
    }

    @Test func interruptedWriterLeavesNothing() throws {
        let directory = try TemporaryDirectory()
        do {
            let writer = try ShardWriter(
                directory: directory.path, name: ShardFileName(name: "a", index: 0, count: 1))
            try writer.append(EncodedRecord(SampleShapes.sample(0)))
        }
        #expect(try FileSystem.list(directory.path).isEmpty)
        let error = #expect(throws: ShardError.self) {
            try ShardWriter(directory: directory.file("none"), name: ShardFileName(name: "a", index: 0, count: 1))
        }
        #expect(error?.kind == .inputOutput)
    }
}
