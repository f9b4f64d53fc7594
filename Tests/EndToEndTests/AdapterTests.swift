import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// Adapters of low rank as a user trains, uses and hands them on.
@Suite struct AdapterTests {
    private func json(_ arguments: [String], in directory: TemporaryDirectory) throws -> JSONValue {
        let run = try BuiltBinary.run(arguments + ["--json"], in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        return try JSONDocument.parse(run.stdout)
    }

    /// What an evaluation finds, by kind of prompt.
    private func scores(_ weights: String, in directory: TemporaryDirectory) throws -> [JSONValue] {
        let document = try json(["evaluate", "shards", "--weights", weights], in: directory)
        let result = try #require(document["results"]?[0])
        return [try #require(result["box"]?["all"]), try #require(result["point"]?["all"])]
    }

    @Test func fromTrainingToExport() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(
            ["--preset", "decoder+lora", "--lora-targets", "q,v,out=1", "--val", "shards"], in: directory)
        #expect(run.status == 0 && run.stdout.contains("in adapters"), "\(run.stderr)\(run.stdout)")
        for name in ["last", "best"] {
            #expect(
                try FileSystem.list(directory.file("run/checkpoints/" + name))
                    == ["adapter.safetensors", "optimizer.safetensors", "state.json"])
        }
        let inspection = try json(["inspect", "run"], in: directory)
        #expect(try JSONSchemaCheck("inspect").violations(of: inspection) == [])
        let adapter = try #require(inspection["adapter"])
        #expect(adapter["rank"] == 4 && adapter["targets"] == ["q=4", "v=4", "out=1"] && inspection["model"] == .null)
        #expect(adapter["base"]?.string == TrainingFixture.weights)
        let text = try BuiltBinary.run(["inspect", "run/checkpoints/last"], in: directory.path)
        #expect(text.status == 0 && text.stdout.contains("low-rank updates of rank 1, 4 at"), "\(text.stdout)")
        #expect(
            text.stdout.contains("base:            " + TrainingFixture.weights)
                && text.stdout.contains("trained whole:"))

        let exported = try json(["export", "run", "-o", "merged.safetensors"], in: directory)
        #expect(try JSONSchemaCheck("export").violations(of: exported) == [])
        #expect(try #require(exported["merge_difference"]?.double) < 1e-4 && exported["tensors"] == 188)
        let said = try BuiltBinary.run(["export", "run", "-o", "merged.pth"], in: directory.path)
        #expect(said.stderr.contains("merged, the model answers as with its adapters beside it"), "\(said.stderr)")
        let whole = try json(["inspect", "merged.safetensors"], in: directory)
        #expect(whole["adapter"] == .null && whole["tensors"] == 188)
        #expect(try scores("run", in: directory) == scores("merged.safetensors", in: directory))
        #expect(try scores("run", in: directory) != scores(TrainingFixture.weights, in: directory))
    }

    /// Interrupted by Ctrl-C after its first step, then resumed, a run ends with the bytes of one that was left alone.
    @Test func ctrlCAndResume() throws {
        let directory = try TrainingFixture.prepared()
        let options = [
            "train", "shards", "--weights", TrainingFixture.weights, "--epochs", "40", "--preset", "decoder+lora",
            "--unfreeze", "2:image_encoder.neck",
        ]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltBinary.path)
        process.arguments = options + ["-o", "run"]
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, (try? FileSystem.read(directory.file("run/metrics.jsonl")))?.isEmpty ?? true {
            usleep(2000)
        }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let resumed = try BuiltBinary.run(["train", "-o", "run", "--resume"], in: directory.path)
        #expect(resumed.status == 0, "\(resumed.stderr)")
        let whole = try BuiltBinary.run(options + ["-o", "whole"], in: directory.path)
        #expect(whole.status == 0, "\(whole.stderr)")
        for name in ["adapter.safetensors", "optimizer.safetensors", "state.json"] {
            #expect(
                try FileSystem.read(directory.file("run/checkpoints/last/" + name))
                    == FileSystem.read(directory.file("whole/checkpoints/last/" + name)), "\(name)")
        }
    }

    /// Written for Sam_LoRA, the updates added to the base are the run's model; started from, they are gone on with.
    @Test func samLoRAsForm() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(["--lora-rank", "2"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let exported = try json(["export", "run", "-o", "lora.safetensors", "--to", "sam-lora"], in: directory)
        #expect(try JSONSchemaCheck("export").violations(of: exported) == [])
        #expect(exported["format"] == "sam-lora")
        let inspection = try json(["inspect", "lora.safetensors"], in: directory)
        #expect(inspection["adapter"]?["rank"] == 2 && inspection["adapter"]?["blocks"] != nil)
        let merged = try BuiltBinary.run(
            ["export", TrainingFixture.weights, "--lora", "lora.safetensors", "-o", "merged.safetensors"],
            in: directory.path)
        #expect(merged.status == 0, "\(merged.stderr)")
        #expect(try scores("run", in: directory) == scores("merged.safetensors", in: directory))
        let again = try TrainingFixture.train(
            ["--lora", "lora.safetensors", "--lora-rank", "2", "-o", "again"], in: directory)
        #expect(again.status == 0, "\(again.stderr)")

        let decoder = try TrainingFixture.train(["--preset", "decoder+lora", "-o", "decoder"], in: directory)
        #expect(decoder.status == 0)
        let refused = try BuiltBinary.run(
            ["export", "decoder", "-o", "no.safetensors", "--to", "sam-lora"], in: directory.path)
        #expect(refused.status == 65 && refused.stderr.contains("no place for mask_decoder"), "\(refused.stderr)")
        let samed = try BuiltBinary.run(["export", "decoder", "-o", "yes.pth", "--to", "sam-lora"], in: directory.path)
        #expect(samed.status == 0, "\(samed.stderr)")
        let whole = try BuiltBinary.run(
            ["export", TrainingFixture.weights, "--to", "sam-lora", "-o", "x.safetensors"], in: directory.path)
        #expect(whole.status == 65 && whole.stderr.contains("--lora-rank"))
    }

    @Test(
        arguments: [
            (["--preset", "decodr"], "decoder"),
            (["--preset", "decoder", "--train-only", "mask_decoder"], "train-only"),
            (["--lora-rank", "2", "--lora-targets", "qq"], "'q'"), (["--lora-rank", "1000"], "larger than"),
            (["--preset", "last-99-blocks"], "blocks"),
            (["--preset", "decoder", "--unfreeze", "1:nowhere"], "nowhere"),
            (["--preset", "decoder", "--unfreeze", "7:image_encoder"], "only 2 epochs"),
        ] as [([String], String)])
    func wrongOptionsAreNamed(arguments: [String], word: String) throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(arguments, in: directory)
        #expect(run.status == 64 && run.stderr.contains(word), "\(run.status) \(run.stderr)")
        #expect(run.stdout.isEmpty && !FileSystem.exists(directory.file("run")))
    }

    /// The plan of memory holds with adapters too.
    @Test func memoryIsKnownBefore() throws {
        let directory = try TemporaryDirectory()
        let samples = Repository.root + "/samples/nuclei"
        let converted = try BuiltBinary.run(
            ["convert", "coco", samples + "/annotations.json", "--images", samples + "/images", "-o", "shards"],
            in: directory.path)
        #expect(converted.status == 0, "\(converted.stderr)")
        let document = try json(
            [
                "train", "shards", "--weights", samples + "/nano.safetensors", "--epochs", "1", "--accumulate", "2",
                "--threads", "2", "-o", "run", "--preset", "decoder+lora", "--lora-targets", "q,v,mlp,decoder",
            ], in: directory)
        let planned = try #require(document["planned_memory_bytes"]?.double)
        let used = try #require(document["peak_memory_bytes"]?.double)
        #expect(planned >= used && planned < 1.2 * used + 0x1p24, "planned \(planned), used \(used)")
    }
}
