import Foundation
import JSONText
import Runtime
import TestSupport
import Testing
import Training

@Suite struct MLflowStoreTests {
    /// Folder of the one run of a store.
    private func folder(_ run: TrackedRun) throws -> String {
        let experiments = try FileSystem.list(run.folder.mlflowStorePath)
        #expect(experiments.count == 1)
        let path = run.folder.mlflowStorePath + "/" + experiments[0]
        let runs = try FileSystem.list(path).filter { $0 != "meta.yaml" }
        #expect(runs.count == 1)
        return path + "/" + runs[0]
    }

    private func text(_ path: String) throws -> String { String(decoding: try FileSystem.read(path), as: UTF8.self) }

    @Test func aStoreHoldsWhatHappened() throws {
        let directory = try TemporaryDirectory()
        let run = try TrackingFixture.run(in: directory) { $0.experiment = "cells \"2\"" }
        let tracker = MLflowStoreTracker()
        try tracker.begin(run)
        try TrackingFixture.record(tracker, in: run)
        try AtomicFileWriter.write("<html>", to: run.folder.path + "/report.html")
        let remark = try #require(try tracker.end(.interrupted))
        #expect(remark.contains("mlflow migrate-filestore --source") && remark.contains("mlruns"))
        let folder = try folder(run)
        #expect(
            try text(folder + "/metrics/train/loss")
                == "1700000000500 1.0 1\n1700000000500 0.5 2\n1700000000500 \(1.0 / 3) 3\n1700000000500 0.25 4\n")
        #expect(try text(folder + "/metrics/validation/box/iou") == "1700000000500 0.5 2\n1700000000500 0.5 4\n")
        #expect(try text(folder + "/params/shards") == "shards with blanks")
        #expect(try text(folder + "/tags/mlflow.runName") == "run")
        #expect(try text(folder + "/artifacts/config.yaml") == run.yaml)
        #expect(try text(folder + "/artifacts/report.html") == "<html>")
        #expect(try FileSystem.read(folder + "/artifacts/samples/epoch-0001-cell-1.png") == [0x89, 1, 2, 3])
        let meta = try text(folder + "/meta.yaml")
        #expect(meta.contains("status: 5\n") && meta.contains("start_time: 1700000000250\n"))
        #expect(meta.contains("run_id: \"\(FileSystem.lastComponent(folder))\"\n"))
        let experiment = try text((folder as NSString).deletingLastPathComponent + "/meta.yaml")
        #expect(experiment.contains(#"name: "cells \"2\"""#))
    }

    @Test(arguments: [(0, true), (2, false), (2, true), (3, true), (4, false), (4, true)])
    func aResumedRunHasEachStepOnce(step: Int, isEpochClosed: Bool) throws {
        let directory = try TemporaryDirectory()
        let first = try TrackingFixture.run(in: directory)
        let tracker = MLflowStoreTracker()
        try tracker.begin(first)
        try TrackingFixture.record(tracker, in: first)
        let path = try folder(first) + "/metrics/train/loss"
        try AtomicFileWriter.write(Array(try FileSystem.read(path)) + Array("17000".utf8), to: path)
        let second = try TrackingFixture.run(in: directory, at: ResumePoint(step: step, isEpochClosed: isEpochClosed))
        let resumed = MLflowStoreTracker()
        try resumed.begin(second)
        if step % 2 == 0, step > 0, !isEpochClosed {
            try resumed.record(try TrackingFixture.line(TrackingFixture.epoch(step / 2, step: step)))
        }
        if step < 4 { try TrackingFixture.record(resumed, steps: (step + 1)...4, in: second) }
        _ = try resumed.end(.finished)
        func steps(_ name: String) throws -> [Substring?] {
            try text(folder(second) + "/metrics/" + name).split(separator: "\n").map { $0.split(separator: " ").last }
        }
        #expect(try steps("train/loss") == ["1", "2", "3", "4"])
        #expect(try steps("validation/box/iou") == ["2", "4"])
    }

    /// The record that keeps a run's names reads back, follows its schema, and takes nothing that leads elsewhere.
    @Test func namesOfARunAreKept() throws {
        let directory = try TemporaryDirectory()
        let folder = RunFolder(path: directory.path)
        #expect(try TrackingRecord(of: folder) == TrackingRecord())
        try TrackingRecord.change(of: folder) { $0.wandbRunID = "abcd1234" }
        try TrackingRecord.change(of: folder) { $0.mlflow = .init(url: "http://host:1", runID: "0123456789abcdef") }
        let record = try TrackingRecord(of: folder)
        #expect(record.wandbRunID == "abcd1234" && record.mlflow?.runID == "0123456789abcdef")
        #expect(try JSONSchemaCheck("tracking").violations(of: record.json) == [])
        #expect(try JSONSchemaCheck("tracking").violations(of: TrackingRecord().json) == [])
        for text in [
            "", "[]", "{}", #"{"schema_version": 2}"#, #"{"schema_version": 1, "wandb_run_id": "../../etc"}"#,
            #"{"schema_version": 1, "wandb_run_id": 4}"#, #"{"schema_version": 1, "mlflow_store_run_id": "short"}"#,
            #"{"schema_version": 1, "mlflow": {"url": "http://a", "run_id": "a/b/c/d/e/f"}}"#,
        ] {
            try AtomicFileWriter.write(text, to: folder.trackingRecordPath)
            #expect(throws: (any Error).self, "\(text)") { try TrackingRecord(of: folder) }
        }
    }
}
