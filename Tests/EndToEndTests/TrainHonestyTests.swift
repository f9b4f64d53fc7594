import JSONText
import Runtime
import TestSupport
import Testing

/// What `samdata train` says and keeps is what happened.
@Suite struct TrainHonestyTests {
    /// The start is scored on the objects that the epochs are scored on, also where the report looks at a part of them.
    @Test func theStartIsScoredAsTheEpochsAre() throws {
        let directory = try TrainingFixture.prepared()
        let rate = ["--val", "shards", "--learning-rate", "1e-12", "--set", "report-clicks=1"]
        let run = try TrainingFixture.train(rate + ["--set", "report-objects=5"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let start = try #require(run.stderr.split(separator: "\n").first { $0.hasPrefix("before training: ") })
        let epoch = try #require(run.stderr.split(separator: "\n").first { $0.hasPrefix("epoch 1/2") })
        let figures = start.split(separator: " ").filter { $0.hasPrefix("0.") }
        #expect(figures.count == 2 && figures.allSatisfy { epoch.contains($0) }, "\(start)\n\(epoch)")
        #expect(run.stderr.contains("best checkpoint (of the report's part of the set)"))
    }

    /// Classes that an epoch hardly shows are told of before anything else happens, and --min-per-class says where that begins.
    @Test func rareClassesAreWarnedOf() throws {
        let directory = try TrainingFixture.prepared()
        func train(_ minimum: String?) throws -> (warning: [String], isRare: Bool?) {
            let run = try TrainingFixture.train(
                ["--epochs", "1", "--force", "--json"] + (minimum.map { ["--min-per-class", $0] } ?? []), in: directory)
            #expect(run.status == 0, "\(run.stderr)")
            let lines = run.stderr.split(separator: "\n").map(String.init)
            let json = try JSONDocument.parse(run.stdout)
            #expect(json["classes"]?.array?.count == 1 && json["classes"]?[0]?["objects"]?.int == 10)
            return (Array(lines.prefix { !$0.hasPrefix("memory:") }), json["classes"]?[0]?["is_rare"]?.bool)
        }
        // Ten objects: as many as the default asks for.
        #expect(try train(nil) == ([], false))
        let rare = try train("11")
        #expect(rare.isRare == true && rare.warning.count == 4, "\(rare.warning)")
        #expect(
            rare.warning.first?.hasPrefix("warning: of 1 of 1 classes an epoch shows fewer than 11 objects") == true)
        #expect(rare.warning.last?.split(separator: " ") == ["block", "5", "10", "10", "0"])
    }

    @Test func aRunCannotBecomeShorter() throws {
        let directory = try TrainingFixture.prepared()
        #expect(try TrainingFixture.train(["--val", "shards", "--set", "report=false"], in: directory).status == 0)
        let shorter = try BuiltBinary.run(["train", "-o", "run", "--resume", "--epochs", "1"], in: directory.path)
        #expect(shorter.status == 64 && shorter.stderr.contains("fewer than the 2"), "\(shorter.stderr)")
        // A report may still be wanted later.
        let later = try BuiltBinary.run(
            ["train", "-o", "run", "--resume", "--epochs", "3", "--set", "report=true"], in: directory.path)
        #expect(later.status == 0 && FileSystem.exists(directory.file("run/report.html")), "\(later.stderr)")
    }

    @Test func aTestOfRatesReplacesNothing() throws {
        let directory = try TrainingFixture.prepared()
        let call = [
            "train", "shards", "--weights", TrainingFixture.weights, "--find-lr", "--find-lr-steps", "40", "-o",
            "rates",
        ]
        #expect(try BuiltBinary.run(call, in: directory.path).status == 0)
        let again = try BuiltBinary.run(call, in: directory.path)
        #expect(again.status == 64 && again.stderr.contains("find-lr.json"), "\(again.stderr)")
    }

    /// Options win over the file, also where both say what is trained, and it is said.
    @Test func optionsWinOverTheFile() throws {
        let directory = try TrainingFixture.prepared()
        try AtomicFileWriter.write(
            "preset: full\nfreeze: [mask_decoder]\naugment-steps: [D4]\n", to: directory.file("a.yaml"))
        let run = try TrainingFixture.train(
            ["--config", "a.yaml", "--train-only", "mask_decoder", "--augment", "none", "--epochs", "1"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        for key in ["preset", "freeze"] {
            #expect(run.stderr.contains("\(key) of the configuration file gives way to --train-only"), "\(run.stderr)")
        }
        let written = String(
            decoding: try FileSystem.read(directory.file("run/config.yaml")), as: UTF8.self)
        for line in [
            "preset: null", "freeze: []", "train-only: [mask_decoder]", "augment-steps: null", "augment: none",
        ] {
            #expect(written.contains(line + "\n"), "\(written)")
        }
    }

    /// `--set` takes the lists and mappings of YAML.
    @Test func listsAndMappingsAreSet() throws {
        let directory = try TrainingFixture.prepared()
        let settings = ["--set", "loss={dice: 1, iou: 1}", "--set", "train-only=[mask_decoder, prompt_encoder]"]
        let run = try TrainingFixture.train(settings + ["--epochs", "1"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let written = String(
            decoding: try FileSystem.read(directory.file("run/config.yaml")), as: UTF8.self)
        for line in ["loss: {focal: 0, dice: 1, iou: 1, bce: 0}", "train-only: [mask_decoder, prompt_encoder]"] {
            #expect(written.contains(line + "\n"), "\(written)")
        }
        let wrong = try TrainingFixture.train(["--set", "loss={dice: 1", "--force"], in: directory)
        #expect(wrong.status == 64 && wrong.stderr.contains("loss"), "\(wrong.stderr)")
    }

    /// A run in which f16 left out every step has trained nothing: that is an error, and the state is kept to go on from.
    @Test func aRunOfSkippedStepsAloneIsAnError() throws {
        let directory = try TrainingFixture.prepared()
        let options = ["--precision", "f16", "--set", "loss-scale=1e24", "--epochs", "1", "--val", "shards"]
        let run = try TrainingFixture.train(options, in: directory)
        #expect(
            run.status == 65 && run.stderr.contains("nothing was trained: all 2 steps were skipped"), "\(run.stderr)")
        #expect(run.stdout.isEmpty && FileSystem.exists(directory.file("run/checkpoints/last/state.json")))
        let longer = try BuiltBinary.run(["train", "-o", "run", "--resume", "--epochs", "10"], in: directory.path)
        #expect(longer.status == 0 && longer.stdout.contains("10 of 10 epochs"), "\(longer.stderr)")
    }

    /// Activations that f16 has no numbers for are warned of once, and counted.
    @Test(arguments: ["f16", "bf16"]) func whatF16CannotKeepIsToldOf(precision: String) throws {
        let directory = try TrainingFixture.prepared()
        var weights = try FileSystem.read(TrainingFixture.weights)
        let size = weights[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONDocument.parse(String(decoding: weights[8..<8 + size], as: UTF8.self))
        let bias = try #require(header["image_encoder.blocks.0.mlp.lin1.bias"])
        let range = (bias["data_offsets"]?.array ?? []).compactMap(\.int)
        try #require(bias["dtype"] == "BF16" && range.count == 2)
        // 99 840 each.
        for place in stride(from: 8 + size + range[0], to: 8 + size + range[1], by: 2) {
            (weights[place], weights[place + 1]) = (0xC3, 0x47)
        }
        try AtomicFileWriter.write(weights, to: directory.file("large.safetensors"))
        let run = try BuiltBinary.run(
            [
                "train", "shards", "--weights", "large.safetensors", "--preset", "full", "--precision", precision,
                "--epochs", "2", "--batch-size", "4", "--json", "-o", "run",
            ], in: directory.path)
        #expect(run.status == 0, "\(run.stderr)")
        let warnings = run.stderr.split(separator: "\n").filter { $0.hasPrefix("warning: ") && $0.contains("65504") }
        let document = try JSONDocument.parse(run.stdout)
        let count = try #require(document["saturated_activations"]?.int)
        #expect(precision == "f16" ? warnings.count == 1 && count > 0 : warnings.isEmpty && count == 0)
    }

    /// A run goes on from any folder: what its configuration names is where it was.
    @Test func aRunGoesOnFromAnotherFolder() throws {
        let directory = try TrainingFixture.prepared()
        try AtomicFileWriter.write(
            try FileSystem.read(TrainingFixture.weights), to: directory.file("start.safetensors"))
        let relative = [
            "train", "./shards", "--weights", "start.safetensors", "--val", "shards", "--set", "cache-folder=kept",
            "--preset", "decoder", "--set", "report=false", "--schedule", "constant", "--set", "warmup-steps=0", "-o",
        ]
        func run(_ arguments: [String], at folder: String) throws {
            let run = try BuiltBinary.run(arguments, in: folder)
            #expect(run.status == 0, "\(run.stderr)")
        }
        try FileSystem.createDirectory(directory.file("elsewhere"))
        try run(relative + ["whole", "--epochs", "3"], at: directory.path)
        try run(relative + ["run", "--epochs", "2"], at: directory.path)
        // The same path again is no other one.
        try run(
            ["train", "-o", "../run", "--resume", "--epochs", "3", "--weights", "../start.safetensors"],
            at: directory.file("elsewhere"))
        #expect(
            try FileSystem.read(directory.file("run/checkpoints/last/model.safetensors"))
                == FileSystem.read(directory.file("whole/checkpoints/last/model.safetensors")))
        #expect(try FileSystem.list(directory.file("elsewhere")).isEmpty)
        // Runs of before kept paths as they were typed: they go on where they were begun.
        let path = directory.file("run/config.yaml")
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        try AtomicFileWriter.write(
            text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let key = line.prefix { $0 != ":" }
                let names = [
                    "shards": "shards", "val": "shards", "weights": "start.safetensors", "cache-folder": "kept",
                ]
                return names[String(key)].map { "\(key): \($0)" } ?? String(line)
            }.joined(separator: "\n"), to: path)
        try run(["train", "-o", "run", "--resume", "--epochs", "4"], at: directory.path)
    }

    /// Without a report too, the run says when its start was better than its best epoch, and that all epochs are done.
    @Test func aWorseModelIsNamedWithoutAReport() throws {
        let directory = try TrainingFixture.prepared()
        let common = ["--val", "shards", "--set", "report=false", "--json"]
        let worse = try TrainingFixture.train(common + ["--learning-rate", "3"], in: directory)
        #expect(worse.status == 0, "\(worse.stderr)")
        #expect(worse.stderr.contains("warning: training made the model worse"), "\(worse.stderr)")
        let document = try JSONDocument.parse(worse.stdout)
        #expect(document["ending"] == "finished" && document["epochs"] == 2 && document["planned_epochs"] == 2)
        let remarks = document["remarks"]?.array?.compactMap(\.string) ?? []
        #expect(remarks.contains { $0.hasPrefix("warning: training made the model worse: mean IoU ") }, "\(remarks)")
        let same = try TrainingFixture.train(common + ["--learning-rate", "1e-12", "--force"], in: directory)
        #expect(same.status == 0 && !same.stderr.contains("worse"), "\(same.stderr)")
        let text = try TrainingFixture.train(["--force"], in: directory)
        #expect(text.stdout.contains("2 of 2 epochs") && !text.stdout.contains("ended"), "\(text.stdout)")
    }
}
