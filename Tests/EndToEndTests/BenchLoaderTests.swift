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

    @Test func missingShards() throws {
        let directory = try TemporaryDirectory()
        let run = try BuiltBinary.run(["bench", "loader", "none"], in: directory.path)
        #expect(run.status == 66 && run.stderr.contains("none"))
    }
}
