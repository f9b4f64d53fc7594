import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata embed`, and `samdata train` on what it made.
@Suite struct EmbedTests {
    private func embed(_ arguments: [String], in directory: TemporaryDirectory) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(
            ["embed", "shards", "--weights", TrainingFixture.weights, "-o", "cache"] + arguments, in: directory.path)
    }

    private func document(_ outcome: BuiltBinary.Outcome) throws -> JSONValue {
        #expect(outcome.status == 0, "\(outcome.stderr)")
        let document = try JSONDocument.parse(outcome.stdout)
        #expect(try JSONSchemaCheck("embed").violations(of: document) == [])
        return document
    }

    /// Images encoded in each epoch of a run.
    private func encoded(_ run: String, in directory: TemporaryDirectory) throws -> [Int] {
        let lines = String(decoding: try FileSystem.read(directory.file(run + "/metrics.jsonl")), as: UTF8.self)
        return try lines.split(separator: "\n").map { try JSONDocument.parse(String($0)) }
            .filter { $0["kind"]?.string == "epoch" }.compactMap { $0["encoded_images"]?.int }
    }

    @Test func aSecondTimeEverythingIsFound() throws {
        let directory = try TrainingFixture.prepared()
        let first = try document(embed(["--json"], in: directory))
        #expect(first["images"] == 5 && first["variants"] == 1 && first["level"] == "features")
        // The five files are alike.
        #expect(first["encoded"] == 1 && first["found"] == 4)
        let second = try document(embed(["--json"], in: directory))
        #expect(second["encoded"] == 0 && second["found"] == 5)
        let text = try embed([], in: directory)
        #expect(text.status == 0 && text.stdout.contains("encoded  0, found 5"), "\(text.stdout)")
        #expect(text.stderr.contains("holds 1 of this encoder already"))
        #expect(try FileSystem.list(directory.file("cache")) == ["embeddings-00000.idx", "embeddings-00000.tfrecord"])
    }

    /// Training with the same weights, augmentation and seed encodes nothing, to the bytes of a run that did.
    @Test(arguments: [["features"], ["blocks", "--blocks", "1"]]) func trainingFindsWhatWasEmbedded(
        level: [String]
    ) throws {
        let directory = try TrainingFixture.prepared()
        let varied = ["--augment", "dihedral,crop", "--seed", "3"]
        let made = try document(
            embed(["--json", "--variants", "2"] + varied + level.dropFirst(), in: directory))
        #expect(made["variants"] == 2 && made["level"] == (level[0] == "features" ? "features" : "blocks-1"))
        let freeze =
            level[0] == "features"
            ? "image_encoder" : "image_encoder.patch_embed,image_encoder.pos_embed,image_encoder.blocks.0"
        func train(_ run: String, _ arguments: [String]) throws -> [UInt8] {
            let outcome = try BuiltBinary.run(
                [
                    "train", "shards", "--weights", TrainingFixture.weights, "--epochs", "2", "-o", run, "--freeze",
                    freeze, "--set", "cache-variants=2",
                ] + varied + arguments, in: directory.path)
            #expect(outcome.status == 0, "\(outcome.stderr)")
            return try FileSystem.read(directory.file(run + "/checkpoints/last/model.safetensors"))
        }
        let found = try train("found", ["--set", "cache-folder=cache"])
        let own = try train("own", [])
        let off = try train("off", ["--cache", "off"])
        #expect(found == own && own == off)
        #expect(try encoded("found", in: directory) == [0, 0])
        #expect(try encoded("own", in: directory)[0] > 0)
    }

    /// Images that are validated on are known by their files too, whoever encoded them.
    @Test func validationFindsWhatWasEmbedded() throws {
        let directory = try TrainingFixture.prepared()
        _ = try document(embed(["--json"], in: directory))
        let cache = directory.file("cache/embeddings-00000.tfrecord")
        let before = try FileSystem.read(cache)
        let run = try BuiltBinary.run(
            [
                "train", "shards", "--val", "shards", "--weights", TrainingFixture.weights, "--epochs", "1", "-o",
                "run",
                "--freeze", "image_encoder", "--augment", "none", "--set", "cache-folder=cache",
            ], in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(try FileSystem.read(cache) == before)
    }

    /// With another size of the input the cache is that of the weights that `export` writes for this size.
    @Test func anotherSizeIsThatOfTheExportedWeights() throws {
        let directory = try TrainingFixture.prepared()
        let size = ["--image-size", "96"]
        #expect(try document(embed(["--json"] + size, in: directory))["encoded"]?.int ?? 0 > 0)
        #expect(try document(embed(["--json"], in: directory))["encoded"]?.int ?? 0 > 0)
        let exported = try BuiltBinary.run(
            ["export", TrainingFixture.weights, "-o", "large.safetensors"] + size, in: directory.path)
        #expect(exported.status == 0, "\(exported.stderr)")
        let run = try BuiltBinary.run(
            [
                "train", "shards", "--weights", "large.safetensors", "--epochs", "2", "-o", "run", "--freeze",
                "image_encoder", "--augment", "none", "--set", "cache-folder=cache",
            ], in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(try encoded("run", in: directory) == [0, 0])
    }

    /// What changes what the encoder makes of an image is part of the key; how many threads compute it is not.
    @Test func optionsAreFollowed() throws {
        let directory = try TrainingFixture.prepared()
        _ = try document(embed(["--json", "--threads", "1"], in: directory))
        let bytes = try FileSystem.read(directory.file("cache/embeddings-00000.tfrecord"))
        try FileManager.default.removeItem(atPath: directory.file("cache"))
        _ = try document(embed(["--json", "--threads", "3"], in: directory))
        #expect(try FileSystem.read(directory.file("cache/embeddings-00000.tfrecord")) == bytes)
        let other = try document(embed(["--json", "--preprocessing", "medsam"], in: directory))
        #expect(other["encoded"]?.int ?? 0 > 0)
        // Which objects are large enough is of no account where no crop looks for them.
        #expect(try document(embed(["--json", "--min-object-area", "50"], in: directory))["encoded"] == 0)
    }

    /// The keys of a training's configuration count where they are named.
    @Test func aConfigurationIsFollowed() throws {
        let directory = try TrainingFixture.prepared()
        try AtomicFileWriter.write(
            "shards: shards\naugment: [photometric]\ncache-variants: 3\ncache-format: f16\nseed: 9\n",
            to: directory.file("a.yaml"))
        let document = try document(embed(["--json", "--config", "a.yaml"], in: directory))
        #expect(document["variants"] == 3 && document["format"] == "f16")
        let other = try self.document(embed(["--json", "--config", "a.yaml", "--format", "f32"], in: directory))
        #expect(other["format"] == "f32" && other["found"]?.int ?? 99 < 15)
        let bytes = try #require(document["bytes_per_image"]?.int)
        #expect(other["bytes_per_image"]?.int == 2 * bytes)
    }

    @Test(arguments: [
        (["--blocks", "99"], 64, "blocks is 99"), (["--format", "f8"], 64, "cache-format"),
        (["--augment", "swirl"], 64, "augment"), (["--variants", "0"], 64, "cache-variants"),
        (["--weights", "missing.safetensors"], 66, "missing.safetensors"),
    ]) func mistakesAreExplained(arguments: [String], status: Int, word: String) throws {
        let directory = try TrainingFixture.prepared()
        let outcome = try embed(arguments, in: directory)
        #expect(Int(outcome.status) == status && outcome.stderr.contains(word), "\(outcome.stderr)")
        #expect(!FileSystem.exists(directory.file("cache")))
    }

    /// Where the cache cannot be written the command fails, and says where.
    @Test func aCacheThatCannotBeWrittenIsAnError() throws {
        let directory = try TrainingFixture.prepared()
        try AtomicFileWriter.write("", to: directory.file("file"))
        let outcome = try BuiltBinary.run(
            ["embed", "shards", "--weights", TrainingFixture.weights, "-o", "file/cache"], in: directory.path)
        #expect(outcome.status == 74 && outcome.stderr.contains("file/cache"), "\(outcome.stderr)")
    }

    /// Killed at any moment, the command leaves a cache that is gone on with.
    @Test func aKilledCommandIsGoneOnWith() throws {
        let directory = try TrainingFixture.prepared()
        let arguments = [
            "embed", "shards", "--weights", TrainingFixture.weights, "-o", "cache", "--augment", "photometric",
            "--variants", "400",
        ]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltBinary.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let file = directory.file("cache/embeddings-00000.tfrecord")
        while process.isRunning, (try? FileSystem.read(file))?.count ?? 0 < 50_000 { usleep(500) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        // As if the kill had come in the middle of a record.
        let bytes = try FileSystem.read(file)
        try AtomicFileWriter.write(Array(bytes.dropLast(7)), to: file)
        let again = try BuiltBinary.run(arguments + ["--json"], in: directory.path)
        let document = try document(again)
        #expect(again.stderr.contains("never finished"))
        // Variants that are the same by chance are found as well.
        #expect(document["encoded"]?.int ?? 0 < 2000 && document["found"]?.int ?? 0 > 0)
        let third = try self.document(try BuiltBinary.run(arguments + ["--json"], in: directory.path))
        #expect(third["encoded"] == 0 && third["found"] == 2000)
    }

    /// Python reads a record with what its documentation says, and no code of ours.
    @Test(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON, a Python with numpy"))
    func othersReadTheCache() throws {
        let directory = try TrainingFixture.prepared()
        _ = try document(embed(["--json", "--format", "f16"], in: directory))
        let (status, output) = try PeerPython.run([
            Repository.root + "/Tests/interop/read_embeddings.py",
            directory.file("cache/embeddings-00000.tfrecord"),
        ])
        #expect(status == 0, "\(output)")
        #expect(
            output.contains("(1, 8, 8, 32)") && output.contains("float16") && output.contains("finite"), "\(output)")
    }
}
