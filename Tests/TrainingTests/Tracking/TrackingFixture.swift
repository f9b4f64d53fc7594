import Foundation
import JSONText
import Runtime
import TestSupport
import Testing
import Training

/// A run for trackers without any training.
enum TrackingFixture {
    /// The line of a step, as `metrics.jsonl` has it.
    static func step(_ number: Int, epoch: Int = 1) -> JSONValue {
        .object([
            "kind": "step", "step": .integer(Int64(number)), "epoch": .integer(Int64(epoch)),
            "loss": .number(1 / Double(number)), "learning_rate": 0.5,
        ])
    }

    /// The line of the end of an epoch.
    static func epoch(_ number: Int, step: Int) -> JSONValue {
        .object([
            "kind": "epoch", "step": .integer(Int64(step)), "epoch": .integer(Int64(number)), "loss": 0.25,
            "validation": .object(["box": .object(["iou": 0.5, "objects": 3])]), "best": true,
        ])
    }

    static func line(_ json: JSONValue, time: Double = 1_700_000_000.5) throws -> TrackedLine {
        try #require(TrackedLine(json, time: time))
    }

    /// A run in a folder that exists.
    static func run(
        in directory: TemporaryDirectory, name: String = "run",
        at point: ResumePoint = ResumePoint(step: 0, isEpochClosed: true),
        change: (inout TrainingConfiguration) -> Void = { _ in }
    ) throws -> TrackedRun {
        let folder = RunFolder(path: directory.file(name))
        try FileSystem.createDirectory(folder.path)
        var configuration = TrainingConfiguration()
        configuration.shards = "shards with blanks"
        change(&configuration)
        return try TrackedRun(configuration, folder: folder, resumePoint: point, startTime: 1_700_000_000.25)
    }

    /// Two epochs of two steps each, with a picture after each.
    static func record(_ tracker: any RunTracker, steps: ClosedRange<Int> = 1...4, in run: TrackedRun) throws {
        for step in steps {
            try tracker.record(try line(Self.step(step, epoch: (step + 1) / 2)))
            guard step % 2 == 0 else { continue }
            let end = try line(epoch(step / 2, step: step))
            try tracker.record(end)
            try tracker.show([try picture(in: run)], at: end)
        }
    }

    /// A picture that is none, which no tracker looks into.
    static func picture(in run: TrackedRun) throws -> TrackedPicture {
        let picture = TrackedPicture(
            name: "cell-1", path: run.folder.path + "/samples/epoch-0001-cell-1.png", png: [0x89, 1, 2, 3], height: 5,
            width: 7)
        try FileSystem.createDirectory(run.folder.samplesPath)
        try AtomicFileWriter.write(picture.png, to: picture.path)
        return picture
    }
}
