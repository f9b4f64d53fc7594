import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata train --resume` with files at other places, with another report, and with damaged checkpoints; and what is said of
/// images that are both trained and validated on.
@Suite struct TrainGoingOnTests {
    private static func run(_ words: [String], in directory: TemporaryDirectory) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["train"] + words, in: directory.path)
    }

    /// A finished run of two epochs from weights that lie in its folder's parent.
    private static func finished(_ words: [String] = []) throws -> TemporaryDirectory {
        let directory = try TrainingFixture.prepared()
        try AtomicFileWriter.write(
            try FileSystem.read(TrainingFixture.weights), to: directory.file("base.safetensors"))
        let run = try run(
            [
                "shards", "--val", "shards", "--weights", "base.safetensors", "--epochs", "2", "--prompts", "single",
                "-o",
                "run", "--set", "report-objects=4", "--set", "report-clicks=1", "--set", "report-automatic=0",
            ] + words, in: directory)
        try #require(run.status == 0, "\(run.stderr)")
        return directory
    }

    private static func weights(_ folder: String, in directory: TemporaryDirectory) throws -> [UInt8] {
        let names = ["model.safetensors", "adapter.safetensors"].map {
            directory.file("\(folder)/checkpoints/last/\($0)")
        }
        return try FileSystem.read(try #require(names.first(where: FileSystem.exists)))
    }

    /// The report of a run that goes on may look at other objects with other clicks: the starting model is then evaluated again.
    ///
    /// - Parameter words: an encoder that is trained, frozen, or trained later.
    @Test(arguments: [[], ["--preset", "decoder"], ["--preset", "decoder", "--unfreeze", "1:image_encoder.neck"]])
    func theReportMayChange(words: [String]) throws {
        let directory = try Self.finished(words)
        let resumed = try Self.run(
            ["-o", "run", "--resume", "--set", "report-objects=6", "--set", "report-clicks=2"], in: directory)
        #expect(resumed.status == 0 && resumed.stderr.contains("the starting model is evaluated once more"))
        #expect(resumed.stdout.contains("on 6 objects") && resumed.stdout.contains("2 clicks"), "\(resumed.stdout)")
        let before = try JSONDocument.read(path: directory.file("run/evaluation/before.json"))
        #expect(before["clicks"]?.int == 2 && before["rows"]?.array?.count == 6)
        // As a run says that began so.
        let other = try Self.run(
            [
                "shards", "--val", "shards", "--weights", "base.safetensors", "--epochs", "1", "--prompts", "single",
                "-o",
                "other", "--set", "report-objects=6", "--set", "report-clicks=2", "--set", "report-automatic=0",
            ], in: directory)
        try #require(other.status == 0, "\(other.stderr)")
        #expect(try JSONDocument.read(path: directory.file("other/evaluation/before.json"))["rows"] == before["rows"])
        // Without the weights of the start that is not possible, and said before anything is trained.
        try FileManager.default.removeItem(atPath: directory.file("base.safetensors"))
        let lost = try Self.run(
            ["-o", "run", "--resume", "--epochs", "3", "--set", "report-clicks=3"], in: directory)
        #expect(lost.status == 65 && lost.stderr.contains("cannot be had again") && !lost.stderr.contains("epoch 3/3"))
        #expect(try Self.run(["-o", "run", "--resume"], in: directory).status == 0)
    }

    /// Weights may lie elsewhere, as long as they are the same; an adapter's checkpoints then know the new place.
    @Test(arguments: ["full", "decoder+lora"]) func weightsMayMove(preset: String) throws {
        let directory = try Self.finished(["--preset", preset])
        for name in ["straight", "moved"] {
            try FileManager.default.copyItem(atPath: directory.file("run"), toPath: directory.file(name))
        }
        #expect(try Self.run(["-o", "straight", "--resume", "--epochs", "3"], in: directory).status == 0)
        let straight = try BuiltBinary.run(["export", "straight", "-o", "straight.safetensors"], in: directory.path)
        try #require(straight.status == 0, "\(straight.stderr)")
        let others = try Self.run(
            ["-o", "moved", "--resume", "--weights", "straight.safetensors", "--epochs", "3"], in: directory)
        #expect(
            others.status == 65
                && others.stderr.contains(preset == "full" ? "another weights" : "belongs to other weights"),
            "\(others.stderr)")

        try FileSystem.createDirectory(directory.file("elsewhere/deep"))
        try FileManager.default.moveItem(
            atPath: directory.file("base.safetensors"), toPath: directory.file("elsewhere/deep/start.safetensors"))
        let resumed = try Self.run(
            ["-o", "moved", "--resume", "--weights", "elsewhere/deep/start.safetensors", "--epochs", "3"], in: directory
        )
        #expect(resumed.status == 0, "\(resumed.stderr)")
        let exported = try BuiltBinary.run(["export", "moved", "-o", "moved.safetensors"], in: directory.path)
        try #require(exported.status == 0, "\(exported.stderr)")
        #expect(
            try FileSystem.read(directory.file("moved.safetensors"))
                == FileSystem.read(directory.file("straight.safetensors")))
        #expect(try Self.run(["-o", "moved", "--resume", "--epochs", "4"], in: directory).status == 0)
    }

    /// A checkpoint with other bytes than were written is an error, and is left as it is.
    @Test(arguments: ["model", "optimizer"]) func damagedCheckpointsAreRefused(name: String) throws {
        let directory = try Self.finished()
        let path = directory.file("run/checkpoints/last/\(name).safetensors")
        var bytes = try FileSystem.read(path)
        bytes[bytes.count - 3] ^= 4
        try AtomicFileWriter.write(bytes, to: path)
        let resumed = try Self.run(["-o", "run", "--resume", "--epochs", "3"], in: directory)
        #expect(resumed.status == 65 && resumed.stderr.contains("\(name).safetensors: is damaged"), "\(resumed.stderr)")
        #expect(try FileSystem.read(path) == bytes)
        bytes[bytes.count - 3] ^= 4
        try AtomicFileWriter.write(bytes, to: path)
        #expect(try Self.run(["-o", "run", "--resume", "--epochs", "3"], in: directory).status == 0)
    }

    /// Images that are trained and validated on are warned of, in the same shards or in others.
    @Test func sharedImagesAreWarnedOf() throws {
        let directory = try TrainingFixture.prepared()
        for (name, options) in [("parts", ["--split", "train=0.6,val=0.4"]), ("copies", ["--shard-size", "2KB"])] {
            let run = try BuiltBinary.run(
                ["convert", "coco", "labels.json", "--images", ".", "-o", name] + options, in: directory.path)
            try #require(run.status == 0, "\(run.stderr)")
        }
        func said(_ train: String, _ val: String) throws -> String {
            let run = try Self.run(
                [
                    train, "--val", val, "--weights", TrainingFixture.weights, "--epochs", "1", "--prompts", "single",
                    "-o",
                    "run", "--force", "--set", "report=false",
                ], in: directory)
            #expect(run.status == 0, "\(run.stderr)")
            return run.stderr
        }
        #expect(
            try said("shards", "shards").contains(
                "warning: the shards to validate on (val) are those that are trained on"))
        #expect(try said("shards", "copies").contains("5 have the same id in both, and 5 of 5"))
        // Also where one of them has lost labels.
        let labels = try JSONDocument.read(path: directory.file("labels.json"))
        var members = labels.object ?? []
        let place = try #require(members.firstIndex { $0.name == "annotations" })
        members[place].value = .array(
            (members[place].value.array ?? []).enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        try AtomicFileWriter.write(JSONValue.object(members).text(), to: directory.file("fewer.json"))
        let fewer = try BuiltBinary.run(
            ["convert", "coco", "fewer.json", "--images", ".", "-o", "fewer"], in: directory.path)
        try #require(fewer.status == 0, "\(fewer.stderr)")
        #expect(try said("shards", "fewer").contains("5 have the same id in both, and 5 of 5"))
        #expect(!(try said("parts/train", "parts/val").contains("trained on as well")))
    }

    /// A number of the state that is another than was written is no number to go on with.
    @Test func aChangedStateIsRefused() throws {
        let directory = try Self.finished()
        let path = directory.file("run/checkpoints/last/state.json")
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        var members = try JSONDocument.parse(text).object ?? []
        #expect(members.last?.name == "crc32c")
        for name in ["loss_sum", "skipped_steps", "stale_validations", "train_data"] {
            var changed = members
            let place = try #require(changed.firstIndex { $0.name == name })
            changed[place].value = name == "train_data" ? "0" : 7
            try AtomicFileWriter.write(JSONValue.object(changed).text(), to: path)
            let resumed = try Self.run(["-o", "run", "--resume", "--epochs", "3"], in: directory)
            #expect(
                resumed.status == 65 && resumed.stderr.contains("state.json: is damaged"), "\(name): \(resumed.stderr)")
        }
        // An earlier version wrote no sum; white space is none of it.
        members.removeLast()
        for kept in [JSONValue.object(members).text(), text.replacing("  ", with: " ")] {
            try AtomicFileWriter.write(kept, to: path)
            let resumed = try Self.run(["-o", "run", "--resume", "--epochs", "2"], in: directory)
            #expect(resumed.status == 0, "\(resumed.stderr)")
        }
    }
}
