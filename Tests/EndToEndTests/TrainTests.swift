import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata train` as a user runs it, on a tiny model.
@Suite struct TrainTests {
    private func json(_ text: String) throws -> JSONValue { try JSONDocument.parse(text) }

    private func file(_ path: String, in directory: TemporaryDirectory) throws -> [UInt8] {
        try FileSystem.read(directory.file(path))
    }

    @Test func aRunLeavesItsFilesAndSaysWhere() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(["--val", "shards"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains("2 of 2 epochs") && run.stdout.contains("run/checkpoints/best"))
        #expect(run.stderr.contains("epoch 2/2"))
        for name in ["last", "best"] {
            #expect(
                try FileSystem.list(directory.file("run/checkpoints/" + name))
                    == ["model.safetensors", "optimizer.safetensors", "state.json"])
        }
        let state = try JSONDocument.read(path: directory.file("run/checkpoints/last/state.json"))
        #expect(try JSONSchemaCheck("training-state").violations(of: state) == [])
        let lines = String(decoding: try file("run/metrics.jsonl", in: directory), as: UTF8.self).split(separator: "\n")
        // Four steps, two epochs, and an evaluation at either end.
        #expect(lines.count == 8)
        let schema = try JSONSchemaCheck("metrics")
        for line in lines { #expect(schema.violations(of: try json(String(line))) == []) }
    }

    @Test func jsonFollowsItsSchema() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(["--json", "--quiet"], in: directory)
        #expect(run.status == 0 && run.stderr.isEmpty, "\(run.stderr)")
        let document = try json(run.stdout)
        #expect(try JSONSchemaCheck("train").violations(of: document) == [])
        #expect(document["steps"] == 4 && document["objects"] == 10 && document["best"] == .null)
        #expect(document["comparison"] == .null)
        let compared = try TrainingFixture.train(
            ["--json", "--force", "--val", "shards", "--set", "report-clicks=2"], in: directory)
        let full = try json(compared.stdout)
        #expect(try JSONSchemaCheck("train").violations(of: full) == [], "\(compared.stderr)")
        #expect(full["comparison"]?["figures"]?["lines"]?.array?.isEmpty == false)
    }

    /// A run with a validation set ends with what it brought, in words, in JSON files and as a page.
    @Test func aRunEndsWithAReport() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(["--val", "shards", "--set", "report-clicks=3"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains("run/report.html") && run.stdout.contains("difference [95 %]"))
        #expect(run.stdout.contains("3 clicks") && run.stdout.contains(" with boxes, on 10 objects in 5 images."))
        let schema = try JSONSchemaCheck("evaluation")
        for name in ["before", "after"] {
            let document = try JSONDocument.read(path: directory.file("run/evaluation/\(name).json"))
            #expect(schema.violations(of: document) == [] && document["rows"]?.array?.count == 10)
        }
        let page = String(decoding: try file("run/report.html", in: directory), as: UTF8.self)
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("IoU by number of clicks"))
        // Without it nothing is written.
        let plain = try TrainingFixture.train(
            ["--val", "shards", "--force", "--set", "report=false"], in: directory)
        #expect(plain.status == 0 && !plain.stdout.contains("difference"))
        #expect(!FileSystem.exists(directory.file("run/report.html")))
    }

    /// What is said before the first step is what the run comes to, whatever is done to save memory.
    @Test(arguments: [
        [], ["--checkpoint-activations"], ["--precision", "bf16", "--batch-size", "4"],
        ["--train-only", "mask_decoder"], ["--preset", "decoder", "--prompts", "single"],
        ["--preset", "last-1-block", "--prompts", "interactive", "--set", "prompt-rounds=3"],
        ["--optimizer", "sgd"], ["--set", "ema=0.99"],
        ["--val", "shards"],
    ])
    func memoryIsKnownBefore(options: [String]) throws {
        let directory = try nuclei()
        let samples = Repository.root + "/samples/nuclei"
        let run = try BuiltBinary.run(
            [
                "train", "shards", "--weights", samples + "/nano.safetensors", "--epochs", "1", "--accumulate", "2",
                "--json", "--threads", "2", "-o", "run",
            ] + options, in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        let document = try json(run.stdout)
        let planned = try #require(document["planned_memory_bytes"]?.int)
        let used = try #require(document["peak_memory_bytes"]?.int)
        // A reserve for single operations weighs more in small runs than in large ones.
        #expect(
            planned >= used && planned < used * 120 / 100 + (16 << 20), "planned \(planned), used \(used)")
    }

    /// The sample of nuclei as shards.
    private func nuclei() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let samples = Repository.root + "/samples/nuclei"
        let converted = try BuiltBinary.run(
            ["convert", "coco", samples + "/annotations.json", "--images", samples + "/images", "-o", "shards"],
            in: directory.path)
        #expect(converted.status == 0, "\(converted.stderr)")
        return directory
    }

    /// A run that needs more than it may is refused before anything is written, and what is said to fit is begun.
    @Test func aRunThatNeedsTooMuchIsRefusedWithWhatWouldFit() throws {
        let directory = try nuclei()
        let common = [
            "train", "shards", "--weights", Repository.root + "/samples/nuclei/nano.safetensors", "--batch-size", "4",
            "--accumulate", "1", "--prompts", "single", "--epochs", "1", "--threads", "2", "--max-memory", "150MB",
        ]
        let refused = try BuiltBinary.run(common + ["-o", "run"], in: directory.path)
        #expect(refused.status == 64 && refused.stderr.contains("max-memory"), "\(refused.stderr)")
        #expect(!FileSystem.exists(directory.file("run")))
        let lines = refused.stderr.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: "would fit:"), "\(refused.stderr)")
        let fitting = lines[(start + 1)...].prefix { $0.hasPrefix("  --") }
        #expect(!fitting.isEmpty, "\(refused.stderr)")
        // The first and the last; what is given twice counts as given last.
        for (number, line) in [fitting.first, fitting.last].compactMap({ $0 }).enumerated() {
            let options = line.prefix { $0 != "(" }.split(separator: " ").map(String.init)
            let named = Set(options.filter { $0.hasPrefix("--") })
            var kept: [String] = []
            var skipsValue = false
            for argument in common {
                if skipsValue {
                    skipsValue = false
                } else if named.contains(argument) {
                    skipsValue = true
                } else {
                    kept.append(argument)
                }
            }
            let run = try BuiltBinary.run(
                kept + options + ["--json", "-o", "run \(number)"], in: directory.path)
            #expect(run.status == 0, "\(line): \(run.stderr)")
            let document = try json(run.stdout)
            #expect(try #require(document["planned_memory_bytes"]?.int) <= 150_000_000)
            #expect(try #require(document["peak_memory_bytes"]?.int) <= 165_000_000, "\(line)")
        }
    }

    /// A configuration may come from a pipe, as a shell's `<(command)` is one.
    @Test func configurationsAreReadFromPipes() throws {
        let directory = try TrainingFixture.prepared()
        let script =
            "\(BuiltBinary.path) train shards --config <(printf 'epochs: 1\\nreport: false\\nrun-name: piped\\n') "
            + "--weights \(TrainingFixture.weights) -o run"
        let run = try BuiltBinary.runProgram("/bin/bash", ["-c", script], in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        let written = String(decoding: try file("run/config.yaml", in: directory), as: UTF8.self)
        #expect(written.contains("run-name: piped\n"))
    }

    /// A configuration file, overruled by the command line, is written down as it took effect.
    @Test func configurationsAreReadOverruledAndWritten() throws {
        let directory = try TrainingFixture.prepared()
        try AtomicFileWriter.write(
            "shards: shards\nepochs: 9\nlearning-rate: 0.5\nseed: 4\n", to: directory.file("a.yaml"))
        let run = try BuiltBinary.run(
            [
                "train", "--config", "a.yaml", "--weights", TrainingFixture.weights, "--epochs", "1",
                "--learning-rate", "1e-5", "--loss", "dice=1,bce=2", "-o", "run",
            ], in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        let written = String(decoding: try file("run/config.yaml", in: directory), as: UTF8.self)
        for line in ["epochs: 1", "learning-rate: 1.0e-05", "seed: 4", "loss: {focal: 0, dice: 1, iou: 0, bce: 2}"] {
            #expect(written.contains(line + "\n"), "\(written)")
        }
    }

    /// Interrupted by Ctrl-C after its first step, then resumed, a run ends with the bytes of one that was left alone.
    @Test func ctrlCEndsWithACheckpointAndResumeGoesOn() throws {
        let directory = try TrainingFixture.prepared()
        let epochs = "60"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltBinary.path)
        process.arguments = [
            "train", "shards", "--weights", TrainingFixture.weights, "--epochs", epochs, "-o", "run",
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // The log is there as soon as steps are made.
        while process.isRunning, (try? FileSystem.read(directory.file("run/metrics.jsonl")))?.isEmpty ?? true {
            usleep(2000)
        }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let resumed = try BuiltBinary.run(["train", "-o", "run", "--resume"], in: directory.path)
        #expect(resumed.status == 0, "\(resumed.stderr)")
        let whole = try TrainingFixture.train(["--epochs", epochs, "-o", "whole"], in: directory)
        #expect(whole.status == 0, "\(whole.stderr)")
        for name in ["model.safetensors", "optimizer.safetensors", "state.json"] {
            #expect(
                try file("run/checkpoints/last/" + name, in: directory)
                    == file("whole/checkpoints/last/" + name, in: directory), "\(name)")
        }
    }

    @Test func aRunInTheWayIsRefusedAndReplacedOnDemand() throws {
        let directory = try TrainingFixture.prepared()
        #expect(try TrainingFixture.train(in: directory).status == 0)
        let again = try TrainingFixture.train(in: directory)
        #expect(again.status == 64 && again.stderr.contains("--resume") && again.stderr.contains("--force"))
        #expect(try TrainingFixture.train(["--force"], in: directory).status == 0)
        let other = try BuiltBinary.run(
            ["train", "-o", "run", "--resume", "--learning-rate", "1"], in: directory.path)
        #expect(other.status == 65 && other.stderr.contains("learning-rate"))
        let longer = try BuiltBinary.run(["train", "-o", "run", "--resume", "--epochs", "3"], in: directory.path)
        #expect(longer.status == 0 && longer.stdout.contains("3 of 3 epochs"), "\(longer.stderr)")
    }

    /// What f16 left out is logged, counted and reported.
    @Test func skippedStepsAreReported() throws {
        let directory = try TrainingFixture.prepared()
        let options = ["--precision", "f16", "--set", "loss-scale=1e24", "--epochs", "10", "--quiet"]
        let run = try TrainingFixture.train(options + ["--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let document = try json(run.stdout)
        #expect(try JSONSchemaCheck("train").violations(of: document) == [])
        let lines = try String(decoding: file("run/metrics.jsonl", in: directory), as: UTF8.self)
            .split(separator: "\n").map { try json(String($0)) }
        let schema = try JSONSchemaCheck("metrics")
        for line in lines { #expect(schema.violations(of: line) == []) }
        let skipped = lines.count { $0["kind"]?.string == "skipped" }
        #expect(skipped > 0 && document["skipped_steps"]?.int == skipped)
        let state = try JSONDocument.read(path: directory.file("run/checkpoints/last/state.json"))
        #expect(try JSONSchemaCheck("training-state").violations(of: state) == [])
        let text = try TrainingFixture.train(options + ["--force"], in: directory)
        #expect(text.stdout.contains("\(skipped) steps skipped"), "\(text.stdout)")
    }

    /// Why a run ended is said, and its state and log follow their schemas.
    @Test func patienceIsReported() throws {
        let directory = try TrainingFixture.prepared()
        let options = [
            "--val", "shards", "--learning-rate", "1e-20", "--patience", "2", "--epochs", "9", "--schedule", "plateau",
            "--set", "layer-decay=0.9", "--set", "ema=0.5",
        ]
        let run = try TrainingFixture.train(options + ["--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let document = try json(run.stdout)
        #expect(document["ending"] == "out-of-patience" && document["epochs"] == 3)
        let state = try JSONDocument.read(path: directory.file("run/checkpoints/last/state.json"))
        #expect(try JSONSchemaCheck("training-state").violations(of: state) == [])
        let schema = try JSONSchemaCheck("metrics")
        for line in String(decoding: try file("run/metrics.jsonl", in: directory), as: UTF8.self).split(separator: "\n")
        {
            #expect(schema.violations(of: try json(String(line))) == [])
        }
        let text = try TrainingFixture.train(options + ["--force"], in: directory)
        #expect(text.stdout.contains("patience"), "\(text.stdout)")
    }

    @Test func notANumberNamesStepAndTensor() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(["--learning-rate", "1e30"], in: directory)
        #expect(run.status == 65)
        #expect(run.stderr.contains("step 2") && run.stderr.contains("training.not-finite"), "\(run.stderr)")
    }

    @Test(
        arguments: [
            (["--find-lr-steps", "5"], 64, "--find-lr"),
            (["--epochs", "many"], 64, "epochs"), (["--model", "vit_x"], 64, "vit_x"),
            (["--freeze", "lora"], 64, "lora"),
            (["--loss", "focal"], 64, "loss"), (["--augment", "spin"], 64, "augment"),
            (["--resume", "--force"], 64, "--force"), (["--val", "nowhere"], 66, "nowhere"),
            (["--config", "nowhere.yaml"], 66, "nowhere.yaml"), (["--weights", "nowhere"], 66, "nowhere"),
            (["--weights", "labels.json"], 65, "labels.json"), (["--weights", "shards"], 66, "shards"),
            (["--threads", "0"], 64, "--threads"),
        ] as [([String], Int32, String)])
    func wrongArgumentsAreNamed(arguments: [String], status: Int32, word: String) throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(arguments, in: directory)
        #expect(run.status == status && run.stderr.contains(word), "\(run.status) \(run.stderr)")
        #expect(run.stdout.isEmpty && !FileSystem.exists(directory.file("run")))
    }

    @Test func wrongShardsAreNamed() throws {
        let directory = try TrainingFixture.prepared()
        func attempt(_ shards: String) throws -> BuiltBinary.Outcome {
            try BuiltBinary.run(
                ["train", shards, "--weights", TrainingFixture.weights, "-o", "other", "--force"], in: directory.path)
        }
        #expect(try attempt("nowhere").status == 66)
        #expect(try attempt("labels.json").status == 66)
        let none = try BuiltBinary.run(["train", "-o", "other"], in: directory.path)
        #expect(none.status == 64 && none.stderr.contains("shards"))
        let nothing = try BuiltBinary.run(["train", "-o", "shards", "--resume"], in: directory.path)
        #expect(nothing.status == 66 && nothing.stderr.contains("config.yaml"))

        let path = try TrainingFixture.shard(in: directory)
        let whole = try FileSystem.read(path)
        var flipped = whole
        flipped[whole.count / 3] ^= 4
        try AtomicFileWriter.write(flipped, to: path)
        let corrupt = try attempt("shards")
        #expect(corrupt.status == 65 && corrupt.stderr.contains("record"), "\(corrupt.stderr)")
        try AtomicFileWriter.write(Array(whole.prefix(whole.count / 2)), to: path)
        let truncated = try attempt("shards")
        #expect(truncated.status == 65 && truncated.stderr.contains("bytes"), "\(truncated.stderr)")
        try FileManager.default.removeItem(atPath: path)
        #expect(try attempt("shards").status == 66)
    }

    /// The sample lists exactly the keys that there are, with the defaults that hold without it.
    @Test func theSampleConfigurationIsTheDefault() throws {
        let directory = try TrainingFixture.prepared()
        let sample = Repository.root + "/samples/train.yaml"
        let plain = try BuiltBinary.run(
            ["train", "shards", "--weights", TrainingFixture.weights, "--epochs", "1", "-o", "plain"],
            in: directory.path)
        let read = try BuiltBinary.run(
            [
                "train", "shards", "--config", sample, "--weights", TrainingFixture.weights, "--epochs", "1", "-o",
                "read",
            ], in: directory.path)
        #expect(plain.status == 0 && read.status == 0, "\(plain.stderr)\(read.stderr)")
        #expect(try file("plain/config.yaml", in: directory) == file("read/config.yaml", in: directory))
        func keys(_ text: [UInt8]) -> Set<Substring> {
            Set(
                String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
                    line.hasPrefix("#") ? nil : line.split(separator: ":").first
                })
        }
        let schema = try JSONDocument.read(path: Repository.root + "/schemas/train-config.schema.json")
        let known = Set((schema["properties"]?.object ?? []).map { Substring($0.name) })
        #expect(keys(try FileSystem.read(sample)) == known)
        #expect(keys(try file("read/config.yaml", in: directory)) == known)
    }
}
