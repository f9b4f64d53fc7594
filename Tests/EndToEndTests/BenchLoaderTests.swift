import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata bench loader` as a user runs it.
@Suite struct BenchLoaderTests {
    private func bench(_ arguments: [String], in directory: TemporaryDirectory) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["bench", "loader", "shards"] + arguments, in: directory.path)
    }

    private func document(_ arguments: [String], in directory: TemporaryDirectory) throws -> JSONValue {
        let run = try bench(arguments + ["--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let document = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("bench-loader").violations(of: document) == [])
        return document
    }

    @Test(arguments: ["none", "global", "window=2"], [1, 3]) func everyOrderLoadsEverything(
        shuffle: String, threads: Int
    ) throws {
        let directory = try TrainingFixture.prepared()
        let document = try document(
            ["--shuffle", shuffle, "--threads", "\(threads)", "--epochs", "3", "--batch-size", "2"], in: directory)
        #expect(document["samples"] == 15 && document["objects"] == 30 && document["batches"] == 9)
        #expect(document["threads"]?.int == threads && document["shuffle"]?.string == shuffle)
        #expect(document["state"]?["epoch"] == 3)
        #expect(document["work_seconds"]?.object?.map(\.name) == ["read", "crc", "parse"])
    }

    /// A shard that is not what the manifest says is named, whatever records are left out of it.
    @Test func damagedShardsAreNamed() throws {
        let directory = try TrainingFixture.prepared()
        #expect(try document([], in: directory)["damaged_shards"]?.array == [])
        let manifest = directory.file("shards/manifest.json")
        let text = String(decoding: try FileSystem.read(manifest), as: UTF8.self)
        let shard = try #require(try FileSystem.list(directory.file("shards")).first { $0.hasSuffix(".tfrecord") })
        let bytes = try #require(try JSONDocument.parse(text)["shards"]?.array?[0]["bytes"]?.int)
        try AtomicFileWriter.write(text.replacing("\(bytes)", with: "\(bytes - 1)"), to: manifest)
        let document = try document(["--on-corrupt", "skip"], in: directory)
        let said = document["damaged_shards"]?.array?.compactMap(\.string) ?? []
        #expect(said.count == 1 && said[0].contains(shard) && said[0].contains("the manifest says"), "\(said)")
    }

    @Test func theWholeWay() throws {
        let directory = try TrainingFixture.prepared()
        let document = try document(
            ["--resize", "128", "--augment", "HorizontalFlip,Transpose", "--max-seconds", "60"], in: directory)
        #expect(
            document["work_seconds"]?.object?.map(\.name)
                == ["read", "crc", "parse", "decode", "resize", "augment", "masks"])
        let text = try bench(["--decode"], in: directory)
        #expect(text.status == 0 && text.stdout.contains("samples  5, 10 objects"), "\(text.stdout)\(text.stderr)")
        #expect(text.stdout.contains("decode images") && !text.stdout.contains("resize"))
    }

    /// Steps that take parts of other samples find them in the set, whatever the number of threads.
    @Test func otherSamplesAreAtHand() throws {
        let directory = try TrainingFixture.prepared()
        let steps = "[{CopyPaste: {p: 1}}, {Mosaic: {p: 1}}]"
        let counts = try [1, 3].map { threads in
            try document(["--augment", steps, "--resize", "40", "--threads", "\(threads)"], in: directory)["objects"]?
                .int
        }
        #expect(counts[0] == counts[1] && counts[0] ?? 0 > 10, "\(counts)")
    }

    @Test func ranksShareTheSet() throws {
        let directory = try TrainingFixture.prepared()
        func samples(_ lastTurn: String) throws -> [Int?] {
            try (0..<3).map { rank in
                try document(
                    ["--rank", "\(rank)", "--world-size", "3", "--last-turn", lastTurn], in: directory)["samples"]?.int
            }
        }
        #expect(try samples("short") == [2, 2, 1])
        #expect(try samples("repeat") == [2, 2, 2])
    }

    @Test(arguments: [
        (["--shuffle", "window=1"], 64, "shuffle"), (["--batch-size", "0"], 64, "batch-size"),
        (["--rank", "2", "--world-size", "2"], 64, "rank"), (["--augment", "Spin"], 64, "Spin"),
        (["--on-corrupt", "often"], 64, "on-corrupt"),
        (["--resize", "0"], 64, "resize"),
    ]) func mistakesAreExplained(arguments: [String], status: Int, word: String) throws {
        let directory = try TrainingFixture.prepared()
        let run = try bench(arguments, in: directory)
        #expect(run.status == Int32(status) && run.stderr.contains(word), "\(run.stderr)")
        #expect(run.stdout.isEmpty)
    }

    /// A shard that was cut off costs its own records under `skip`, and everything without.
    @Test func truncatedShardsCanBeSkipped() throws {
        let directory = try TrainingFixture.prepared()
        let shards = directory.file("shards")
        let name = try #require(try FileSystem.list(shards).first { $0.hasSuffix(".tfrecord") })
        let whole = try FileSystem.read(shards + "/" + name)
        try AtomicFileWriter.write(Array(whole.dropLast(300)), to: shards + "/" + name)
        #expect(try bench([], in: directory).status == 65)
        let document = try document(["--on-corrupt", "skip"], in: directory)
        let left = try #require(document["left_out"]?.array)
        #expect(!left.isEmpty && (document["samples"]?.int ?? 0) + left.count == 5)
        #expect(left.allSatisfy { $0["rule"] == "shard.truncated" && $0["file"]?.string?.hasSuffix(name) == true })
    }

    /// Repeats are no reason to hold an epoch in memory.
    @Test func repeatsTakeNoMemory() throws {
        let directory = try TrainingFixture.prepared()
        let path = directory.file("shards/manifest.json")
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        try AtomicFileWriter.write(
            text.replacing("{\"image_id\"", with: "{\"repeat\":1000000,\"image_id\""), to: path)
        // Five million samples an epoch; written down, they were the whole memory.
        let document = try document(["--max-seconds", "0.3", "--epochs", "1000000"], in: directory)
        #expect((document["samples"]?.int ?? 0) > 0 && (document["peak_memory_bytes"]?.int ?? .max) < 150_000_000)
    }

    @Test(arguments: ["lost", "twice"]) func contradictionsAreErrors(kind: String) throws {
        let directory = try TrainingFixture.prepared()
        let path = directory.file("shards/manifest.json")
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        let start = try #require(text.range(of: "\"shards\": ["))
        let list = text[start.upperBound...]
        let shard = list[..<(try #require(list.range(of: "\n  ]", options: .backwards))).lowerBound]
        let changed = kind == "lost" ? "\"shards\": []}" : "\"shards\": [\(shard),\(shard)]}"
        try AtomicFileWriter.write(String(text[..<start.lowerBound]) + changed, to: path)
        let run = try bench([], in: directory)
        #expect(
            run.status == 65 && run.stderr.contains(kind == "lost" ? "the shards that it lists have 0" : "listed twice")
        )
        let audit = try BuiltBinary.run(["audit", "shards"], in: directory.path)
        #expect(audit.status == 65 && audit.stdout.contains("shard.manifest"), "\(audit.stdout)")
    }

    @Test func missingShards() throws {
        let directory = try TemporaryDirectory()
        let run = try BuiltBinary.run(["bench", "loader", "none"], in: directory.path)
        #expect(run.status == 66 && run.stderr.contains("none"))
    }
}
