import Foundation
import JSONText
import Runtime
import Synchronization
import TestSupport
import Testing
import Training

@Suite struct MLflowServerTests {
    static let runID = "0123456789abcdef0123456789abcdef"

    /// What a server answers that knows no experiment yet; `steps` are the newest steps of a run's metrics.
    static func answer(_ request: FakeServer.Request, steps: [String: Int] = [:]) -> FakeServer.Answer {
        let path = request.path.split(separator: "?")[0]
        let metrics = steps.map { #"{"key": "\#($0)", "value": 1, "timestamp": "5", "step": "\#($1)"}"# }
        let run = """
            {"run": {"info": {"run_id": "\(runID)", "artifact_uri": "mlflow-artifacts:/7/\(runID)/artifacts",
            "lifecycle_stage": "active"}, "data": {"metrics": [\(metrics.joined(separator: ","))]}}}
            """
        switch path {
        case "/api/2.0/mlflow/experiments/get-by-name":
            return .json(#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}"#, status: 404)
        case "/api/2.0/mlflow/experiments/create": return .json(#"{"experiment_id": "7"}"#)
        case "/api/2.0/mlflow/runs/create", "/api/2.0/mlflow/runs/get": return .json(run)
        default: return .json("{}")
        }
    }

    private static var patience: MLflowServerTracker.Patience {
        var patience = MLflowServerTracker.Patience()
        patience.pause = 0.02
        patience.request = 20
        patience.end = 60
        return patience
    }

    private func metrics(_ server: FakeServer) -> [(key: String, step: Int)] {
        server.requests.filter { $0.path.hasSuffix("log-batch") }.flatMap { request in
            (request.json?["metrics"]?.array ?? []).map { ($0["key"]?.string ?? "", $0["step"]?.int ?? -1) }
        }
    }

    @Test func aServerHearsWhatHappened() throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { request, _ in Self.answer(request) }
        defer { server.close() }
        let run = try TrackingFixture.run(in: directory) { $0.experiment = "cells & more" }
        let tracker = MLflowServerTracker(url: server.url + "/", patience: Self.patience)
        try tracker.begin(run)
        try TrackingFixture.record(tracker, in: run)
        try AtomicFileWriter.write("<html>", to: run.folder.path + "/report.html")
        #expect(try tracker.end(.finished) == nil)
        let requests = server.requests
        #expect(requests[0].path == "/api/2.0/mlflow/experiments/get-by-name?experiment_name=cells%20%26%20more")
        #expect(requests[1].json == ["name": "cells & more"])
        #expect(requests[2].json?["run_name"] == "run" && requests[2].json?["experiment_id"] == "7")
        #expect(requests[2].json?["start_time"] == 1_700_000_000_250)
        let parameters = requests.flatMap { $0.json?["params"]?.array ?? [] }
        #expect(parameters.count == TrainingConfiguration.keys.count)
        let all = metrics(server)
        #expect(all.filter { $0.key == "train/loss" }.map(\.step) == [1, 2, 3, 4])
        #expect(all.filter { $0.key == "validation/box/iou" }.map(\.step) == [2, 4])
        let root = "/api/2.0/mlflow-artifacts/artifacts/7/\(Self.runID)/artifacts/"
        let files = requests.filter { $0.method == "PUT" }
        #expect(
            files.map(\.path)
                == ["config.yaml", "samples/epoch-0001-cell-1.png", "samples/epoch-0001-cell-1.png", "report.html"]
                .map { root + $0 })
        #expect(files[0].body == Array(run.yaml.utf8) && files[1].body == [0x89, 1, 2, 3])
        #expect(requests.last?.path == "/api/2.0/mlflow/runs/update")
        #expect(requests.last?.json?["status"] == "FINISHED" && requests.last?.json?["end_time"]?.int != nil)
        #expect(try TrackingRecord(of: run.folder).mlflow?.runID == Self.runID)
    }

    /// A batch has no more metrics and parameters than a server takes, whatever is logged at once.
    @Test func batchesKeepTheLimits() throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { request, _ in Self.answer(request) }
        defer { server.close() }
        let client = MLflowClient(HTTPClient(try HTTPAddress(server.url), seconds: 20))
        let line = try TrackingFixture.line(
            .object(
                [JSONMember("kind", "step"), JSONMember("step", 1)]
                    + (0..<2500).map { JSONMember("m\($0)", .integer($0)) }))
        let parameters = (0..<250).map { (key: "p\($0)", value: String(repeating: "x", count: 7000)) }
        try client.log(metrics: line.metrics.map { ($0, line) }, parameters: parameters, to: Self.runID)
        let sizes = server.requests.map { ($0.json?["metrics"]?.array?.count, $0.json?["params"]?.array?.count) }
        #expect(sizes.compactMap(\.0) == [1000, 1000, 500] && sizes.compactMap(\.1) == [100, 100, 50])
        let value = server.requests[0].json?["params"]?[0]?["value"]?.string
        #expect(value?.count == 6000)
        _ = directory
    }

    /// A resumed run goes on under its id, and sends nothing that the server has.
    @Test func aResumedRunSendsWhatIsMissing() throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { request, _ in Self.answer(request, steps: ["train/loss": 3, "epoch/loss": 2]) }
        defer { server.close() }
        let run = try TrackingFixture.run(in: directory, at: ResumePoint(step: 2, isEpochClosed: false))
        try TrackingRecord.change(of: run.folder) { $0.mlflow = .init(url: server.url, runID: Self.runID) }
        let tracker = MLflowServerTracker(url: server.url, patience: Self.patience)
        try tracker.begin(run)
        try tracker.record(try TrackingFixture.line(TrackingFixture.epoch(1, step: 2)))
        try TrackingFixture.record(tracker, steps: 3...4, in: run)
        _ = try tracker.end(.interrupted)
        let requests = server.requests
        #expect(requests[0].path == "/api/2.0/mlflow/runs/get?run_id=\(Self.runID)")
        #expect(requests[1].json?["status"] == "RUNNING")
        #expect(!requests.contains { $0.path.hasSuffix("runs/create") || $0.json?["params"] != nil })
        let all = metrics(server)
        #expect(all.filter { $0.key == "train/loss" }.map(\.step) == [4])
        #expect(all.filter { $0.key == "epoch/loss" }.map(\.step) == [4])
        // What was on its way when the process before ended.
        #expect(all.filter { $0.key == "validation/box/iou" }.map(\.step) == [2, 4])
        #expect(requests.last?.json?["status"] == "KILLED")
    }

    /// What waited when the process before was killed comes from `metrics.jsonl`.
    @Test func whatTheServerMissedIsSentAgain() throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { request, _ in Self.answer(request, steps: ["train/loss": 1]) }
        defer { server.close() }
        let run = try TrackingFixture.run(in: directory, at: ResumePoint(step: 2, isEpochClosed: true))
        try TrackingRecord.change(of: run.folder) { $0.mlflow = .init(url: server.url, runID: Self.runID) }
        let lines = [TrackingFixture.step(1), TrackingFixture.step(2), TrackingFixture.epoch(1, step: 2)]
        try AtomicFileWriter.write(lines.map { $0.text() + "\n" }.joined(), to: run.folder.metricsPath)
        let tracker = MLflowServerTracker(url: server.url, patience: Self.patience)
        try tracker.begin(run)
        try TrackingFixture.record(tracker, steps: 3...4, in: run)
        _ = try tracker.end(.finished)
        let all = metrics(server)
        #expect(all.filter { $0.key == "train/loss" }.map(\.step) == [2, 3, 4])
        #expect(all.filter { $0.key == "train/learning_rate" }.map(\.step) == [1, 2, 3, 4])
        #expect(all.filter { $0.key == "validation/box/iou" }.map(\.step) == [2, 4])
    }

    /// A run that was deleted at the server, or belongs to another one, is made anew.
    @Test(arguments: [true, false])
    func aRunThatIsGoneIsMadeAnew(isOtherServer: Bool) throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { request, _ in
            request.path.contains("runs/get")
                ? .json(#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"}"#, status: 404)
                : Self.answer(request)
        }
        defer { server.close() }
        let run = try TrackingFixture.run(in: directory)
        let url = isOtherServer ? "http://elsewhere:1" : server.url
        try TrackingRecord.change(of: run.folder) { $0.mlflow = .init(url: url, runID: "fedcba9876543210") }
        let tracker = MLflowServerTracker(url: server.url, patience: Self.patience)
        try tracker.begin(run)
        _ = try tracker.end(.finished)
        #expect(server.requests.contains { $0.path.hasSuffix("runs/create") })
        #expect(server.requests.contains { $0.path.contains("runs/get") } != isOtherServer)
        #expect(try TrackingRecord(of: run.folder).mlflow == .init(url: server.url, runID: Self.runID))
    }

    // MARK: Trouble

    /// What passes is tried again: the run is whole at the server, and the user heard of it once.
    @Test(arguments: [FakeServer.Answer.json("{}", status: 500), .close])
    func troubleThatPassesLosesNothing(trouble: FakeServer.Answer) throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { request, number in number < 2 ? trouble : Self.answer(request) }
        defer { server.close() }
        let run = try TrackingFixture.run(in: directory)
        let tracker = MLflowServerTracker(url: server.url, patience: Self.patience)
        try tracker.begin(run)
        try TrackingFixture.record(tracker, in: run)
        _ = try tracker.end(.finished)
        #expect(metrics(server).filter { $0.key == "train/loss" }.map(\.step) == [1, 2, 3, 4])
        #expect(server.requests.last?.json?["status"] == "FINISHED")
    }

    /// What does not pass ends the record with its reason.
    @Test(
        arguments: [
            (
                FakeServer.Answer.json(#"{"error_code": "INVALID_PARAMETER_VALUE", "message": "no way"}"#, status: 400),
                "no way"
            ),
            (.bytes("SSH-2.0-x\r\n"), "no HTTP server"), (.json("<html>"), "not JSON"), (.json("{}"), "experiment_id"),
            (.json("{}", status: 403), "403"),
        ])
    func troubleThatStaysEndsTheRecord(trouble: FakeServer.Answer, word: String) throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { _, _ in trouble }
        defer { server.close() }
        let run = try TrackingFixture.run(in: directory)
        let tracker = MLflowServerTracker(url: server.url, patience: Self.patience)
        try tracker.begin(run)
        let error = try #require(throws: MLflowError.self) { _ = try tracker.end(.finished) }
        #expect(error.message.contains(word) && !error.isTransient, "\(error)")
    }

    /// A silent server, and one that is not there, cost the time that was granted at the end, and no more.
    @Test(arguments: [true, false])
    func aServerThatNeverAnswersIsLeft(isThere: Bool) throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { _, _ in .hang }
        if !isThere { server.close() }
        defer { server.close() }
        var patience = Self.patience
        patience.request = 0.1
        patience.end = 0.5
        let run = try TrackingFixture.run(in: directory)
        let tracker = MLflowServerTracker(url: server.url, patience: patience)
        try tracker.begin(run)
        try TrackingFixture.record(tracker, in: run)
        let error = try #require(throws: MLflowError.self) { _ = try tracker.end(.finished) }
        #expect(error.message.contains("in time"), "\(error)")
    }

    /// What waits for a server is bounded.
    @Test func linesDoNotGatherWithoutEnd() throws {
        let directory = try TemporaryDirectory()
        let server = try FakeServer { _, _ in .hang }
        defer { server.close() }
        var patience = Self.patience
        patience.capacity = 3
        let run = try TrackingFixture.run(in: directory)
        let tracker = MLflowServerTracker(url: server.url, patience: patience)
        try tracker.begin(run)
        let error = try #require(throws: MLflowError.self) { try TrackingFixture.record(tracker, in: run) }
        #expect(error.message.contains("wait"), "\(error)")
    }

    @Test func addressesThatAreNoneAreNamedAtOnce() throws {
        let directory = try TemporaryDirectory()
        let run = try TrackingFixture.run(in: directory)
        #expect(throws: HTTPError.self) { try MLflowServerTracker(url: "https://host").begin(run) }
    }
}
