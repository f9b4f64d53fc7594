import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing

/// `samdata train` on shards with a damaged record, and what is said of data and options that do not fit a run.
@Suite struct TrainCorruptTests {
    /// Shards of five images, the fourth of which has a flipped bit.
    private static func damaged() throws -> (directory: TemporaryDirectory, shard: String, offset: Int) {
        let directory = try TrainingFixture.prepared()
        let path = try TrainingFixture.shard(in: directory)
        let location = try ShardSet(path: directory.file("shards")).location(of: 3)
        let offset = try #require(location.byteOffset)
        var bytes = try FileSystem.read(path)
        bytes[offset + 200] ^= 8
        try AtomicFileWriter.write(bytes, to: path)
        return (directory, FileSystem.lastComponent(path), offset)
    }

    private static func lines(in directory: TemporaryDirectory, run: String = "run") throws -> [JSONValue] {
        let text = String(decoding: try FileSystem.read(directory.file(run + "/metrics.jsonl")), as: UTF8.self)
        return try text.split(separator: "\n").map { try JSONDocument.parse(String($0)) }
    }

    @Test func aDamagedRecordEndsTheRunUnlessToldOtherwise() throws {
        let (directory, shard, offset) = try Self.damaged()
        let failed = try TrainingFixture.train(in: directory)
        #expect(failed.status == 65 && failed.stderr.contains(shard) && failed.stderr.contains("record 3"))
        let none = try TrainingFixture.train(["--force", "--skip-corrupt", "0"], in: directory)
        #expect(none.status == 65)
        // The run goes on where it was, without the record.
        let resumed = try BuiltBinary.run(
            ["train", "-o", "run", "--resume", "--skip-corrupt", "1", "--json"], in: directory.path)
        #expect(resumed.status == 0, "\(resumed.stderr)")
        let document = try JSONDocument.parse(resumed.stdout)
        #expect(try JSONSchemaCheck("train").violations(of: document) == [])
        let record = try #require(document["left_out"]?.array?.first)
        #expect(document["left_out"]?.array?.count == 1 && record["rule"] == "shard.crc" && record["record"] == 3)
        #expect(record["file"]?.string?.hasSuffix(shard) == true && record["offset"]?.int == offset)
        #expect(resumed.stderr.contains(shard) && resumed.stderr.contains("left out"), "\(resumed.stderr)")
        let schema = try JSONSchemaCheck("metrics")
        let lines = try Self.lines(in: directory)
        for line in lines { #expect(schema.violations(of: line) == []) }
        #expect(lines.count { $0["kind"] == "left_out" } == 1)
        let state = try JSONDocument.read(path: directory.file("run/checkpoints/last/state.json"))
        #expect(try JSONSchemaCheck("training-state").violations(of: state) == [])
        #expect(state["left_out"]?[0]?["index"] == 3)
        let page = String(decoding: try FileSystem.read(directory.file("run/report.html")), as: UTF8.self)
        #expect(page.contains("records that could not be read were left out: 1") && page.contains(shard))
        // What was left out before is still known.
        let longer = try BuiltBinary.run(
            ["train", "-o", "run", "--resume", "--epochs", "3"], in: directory.path)
        #expect(longer.status == 0 && longer.stdout.contains("left out  1 records"), "\(longer.stderr)\(longer.stdout)")
        #expect(try Self.lines(in: directory).count { $0["kind"] == "left_out" } == 1)
    }

    /// A shard that ends too early costs the records that are not there.
    @Test func aShardThatIsCutCostsItsLastRecords() throws {
        let directory = try TrainingFixture.prepared()
        let path = try TrainingFixture.shard(in: directory)
        let offset = try #require(ShardSet(path: directory.file("shards")).location(of: 3).byteOffset)
        try AtomicFileWriter.write(Array(FileSystem.read(path).prefix(offset + 50)), to: path)
        let failed = try TrainingFixture.train(in: directory)
        #expect(failed.status == 65 && failed.stderr.contains(FileSystem.lastComponent(path)), "\(failed.stderr)")
        let run = try TrainingFixture.train(["--force", "--skip-corrupt", "skip", "--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let left = try #require(JSONDocument.parse(run.stdout)["left_out"]?.array)
        #expect(left.compactMap { $0["record"]?.int }.sorted() == [3, 4])
    }

    /// The same weights on any number of threads, and by a run that failed and went on.
    @Test func whatIsLeftOutChangesNothingElse() throws {
        let (directory, _, _) = try Self.damaged()
        func weights(_ run: String) throws -> [UInt8] {
            try FileSystem.read(directory.file(run + "/checkpoints/last/model.safetensors"))
        }
        for threads in [1, 3] {
            let run = try TrainingFixture.train(
                ["--skip-corrupt", "skip", "--threads", "\(threads)", "-o", "run\(threads)", "--batch-size", "2"],
                in: directory)
            #expect(run.status == 0, "\(run.stderr)")
        }
        #expect(try weights("run1") == weights("run3"))
        #expect(try TrainingFixture.train(["-o", "late", "--batch-size", "2"], in: directory).status == 65)
        let late = try BuiltBinary.run(
            ["train", "-o", "late", "--resume", "--skip-corrupt", "skip"], in: directory.path)
        #expect(late.status == 0, "\(late.stderr)")
        #expect(try weights("late") == weights("run1"))
        let search = try BuiltBinary.run(
            [
                "train", "shards", "--weights", TrainingFixture.weights, "--skip-corrupt", "skip", "--find-lr",
                "--find-lr-steps", "4",
            ], in: directory.path)
        // Four steps are too few for a suggestion.
        #expect([0, 1].contains(search.status) && search.stderr.contains("record 3"), "\(search.stderr)")
    }

    /// A step whose only record is left out changes nothing but the count of steps.
    @Test func stepsWithoutARecordPass() throws {
        let (directory, _, _) = try Self.damaged()
        let run = try TrainingFixture.train(["--skip-corrupt", "skip", "--accumulate", "1", "--json"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(try JSONDocument.parse(run.stdout)["steps"] == 10)
        let lines = try Self.lines(in: directory)
        let losses = lines.filter { $0["kind"] == "step" }.map { $0["loss"]?.double ?? -1 }
        #expect(losses.count == 8 && losses.allSatisfy { $0 > 0 }, "\(losses)")
        let skipped = lines.filter { $0["kind"] == "skipped" }
        #expect(skipped.count == 2 && skipped.allSatisfy { $0["cause"]?.string?.contains("no image") ?? false })
        // Steps that paste find whole partners.
        let pasted = try TrainingFixture.train(
            ["--skip-corrupt", "1", "--set", "augment-steps=[{CopyPaste: {p: 1}}]", "-o", "pasted", "--json"],
            in: directory)
        #expect(pasted.status == 0, "\(pasted.stderr)")
        #expect(try JSONDocument.parse(pasted.stdout)["left_out"]?.array?.count == 1)
    }

    /// Which of the shards are not the run's.
    @Test func aResumeOnOtherDataSaysWhatDiffers() throws {
        let directory = try TrainingFixture.prepared()
        // The same records in more files are other shards.
        for (name, size) in [("other", "2KB"), ("third", "3KB")] {
            let run = try BuiltBinary.run(
                ["convert", "coco", "labels.json", "--images", ".", "--shard-size", size, "-o", name],
                in: directory.path)
            try #require(run.status == 0, "\(run.stderr)")
        }
        #expect(try TrainingFixture.train(["--val", "shards", "--set", "report=false"], in: directory).status == 0)
        func resume(_ arguments: String...) throws -> String {
            let run = try BuiltBinary.run(
                ["train"] + arguments + ["-o", "run", "--resume", "--epochs", "3"], in: directory.path)
            #expect(run.status == 65)
            return run.stderr
        }
        let val = try resume("--val", "other")
        #expect(val.contains("the shards to validate on (val) are not those") && val.contains("other"), "\(val)")
        let train = try resume("other")
        #expect(train.contains("the shards to train on are not those") && train.contains("other"), "\(train)")
        let both = try resume("other", "--val", "third")
        #expect(both.contains("neither") && both.contains("(val)"), "\(both)")
        #expect(try TrainingFixture.train(["-o", "plain"], in: directory).status == 0)
        let added = try BuiltBinary.run(
            ["train", "-o", "plain", "--resume", "--val", "shards", "--epochs", "3"], in: directory.path)
        #expect(added.status == 65 && added.stderr.contains("began without shards to validate on"), "\(added.stderr)")
    }

    /// The same shards with another manifest bring other images to an epoch.
    @Test func aResumeOnAnotherChoiceOfImagesIsRefused() throws {
        let directory = try TrainingFixture.prepared()
        #expect(try TrainingFixture.train(in: directory).status == 0)
        let path = directory.path + "/shards/manifest.json"
        let before = try String(contentsOfFile: path, encoding: .utf8)
        func resume(_ manifest: String) throws -> BuiltBinary.Outcome {
            try manifest.write(toFile: path, atomically: true, encoding: .utf8)
            return try BuiltBinary.run(["train", "-o", "run", "--resume", "--epochs", "3"], in: directory.path)
        }
        let repeated = before.replacing(#"{"image_id""#, with: #"{"repeat": 2, "image_id""#)
        try #require(repeated != before)
        let other = try resume(repeated)
        #expect(other.status == 65 && other.stderr.contains("manifest.json says other things"), "\(other.stderr)")
        #expect(try resume(before).status == 0)
    }

    /// Options without effect are remarked, on stderr and in the document.
    @Test func idleOptionsAreRemarked() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(
            [
                "--lora-targets", "q", "--set", "momentum=0.5", "--loss", "boundary=1,iou=1", "--set", "loss-points=12",
                "--set", "validate-every=2", "--json",
            ], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let remarks = try JSONDocument.parse(run.stdout)["remarks"]?.array?.compactMap(\.string) ?? []
        for key in ["lora-targets", "momentum", "loss-points", "validate-every"] {
            #expect(remarks.contains { $0.hasPrefix("\(key) has no effect: ") }, "\(key): \(remarks)")
            #expect(run.stderr.contains("\(key) has no effect"), "\(run.stderr)")
        }
        let quiet = try TrainingFixture.train(["-o", "plain", "--json"], in: directory)
        #expect(try JSONDocument.parse(quiet.stdout)["remarks"] == [], "\(quiet.stdout)")
    }
}
