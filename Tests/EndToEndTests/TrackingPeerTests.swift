import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// What the built binary records, read by the programs that it is recorded for.
@Suite(
    .serialized,
    .enabled(
        if: PeerPython.path != nil,
        "needs SAMDATA_PEER_PYTHON, a Python with tensorboard, wandb, mlflow and pillow"))
struct TrackingPeerTests {
    private static let script = Repository.root + "/Tests/interop/read_tracking.py"

    private func read(_ arguments: [String]) throws -> JSONValue {
        let run = try BuiltBinary.runProgram(try #require(PeerPython.path), [Self.script] + arguments)
        #expect(run.status == 0, "\(run.stderr)")
        return try JSONDocument.parse(run.stdout.split(separator: "\n").last.map(String.init) ?? "")
    }

    /// A program of the peer's environment.
    private func program(_ name: String) throws -> String {
        let python = try #require(PeerPython.path) as NSString
        return python.deletingLastPathComponent + "/" + name
    }

    private func steps(_ values: JSONValue?) -> [Int] { (values?.array ?? []).compactMap { $0[0]?.int } }

    private func lines(_ directory: TemporaryDirectory, kind: String) throws -> [JSONValue] {
        try String(decoding: FileSystem.read(directory.file("run/metrics.jsonl")), as: UTF8.self)
            .split(separator: "\n").map { try JSONDocument.parse(String($0)) }.filter { $0["kind"]?.string == kind }
    }

    /// A run that was cut short, then made longer, recorded by all.
    private func resumedRun(_ arguments: [String] = []) throws -> TemporaryDirectory {
        let directory = try TrainingFixture.prepared()
        let first = try TrainingFixture.train(
            ["--val", "shards", "--set", "sample-images=1", "--set", "run-name=first run"] + arguments, in: directory)
        #expect(first.status == 0, "\(first.stderr)")
        let longer = try BuiltBinary.run(["train", "-o", "run", "--resume", "--epochs", "3"], in: directory.path)
        #expect(longer.status == 0, "\(longer.stderr)")
        return directory
    }

    @Test func tensorBoardReadsARun() throws {
        let directory = try resumedRun()
        let read = try read(["tensorboard", directory.file("run")])
        #expect(read["version"]?.double == 2)
        #expect(steps(read["scalars"]?["train/loss"]) == Array(1...6))
        let logged = try lines(directory, kind: "step").map { Float($0["loss"]?.double ?? -1) }
        let values = (read["scalars"]?["train/loss"]?.array ?? []).map { Float($0[1]?.double ?? -2) }
        #expect(values == logged)
        #expect(steps(read["scalars"]?["validation/box/iou"]) == [2, 4, 6])
        #expect(steps(read["images"]?["samples/3"]) == [2, 4, 6])
        let configuration = read["texts"]?["configuration/text_summary"]?.array?.last?.string ?? ""
        #expect(configuration.contains("    epochs: 3\n") && configuration.contains("    run-name: first run\n"))
    }

    @Test func weightsAndBiasesReadsARun() throws {
        let directory = try resumedRun(["--track", "wandb"])
        let folders = try FileSystem.list(directory.file("run/wandb"))
        #expect(folders.count == 2)
        let files = try folders.map { folder in
            let path = directory.file("run/wandb/" + folder)
            let name = try #require(try FileSystem.list(path).first { $0.hasSuffix(".wandb") })
            return try read(["wandb", path + "/" + name])
        }
        for file in files {
            #expect(file["run"]?["name"] == "first run" && file["run"]?["project"] == "samdata")
            #expect(file["run"]?["id"] == files[0]["run"]?["id"])
            #expect(file["config"]?["objects-per-image"] == 16 && file["config"]?["augment"] == "dihedral,photometric")
        }
        // The first one was cut where the second goes on, before its evaluation at the end and its exit.
        #expect(files.map { $0["exit"]?.int } == [nil, 0])
        let rows = files.flatMap { $0["history"]?.array ?? [] }
        #expect(rows.compactMap { $0["_step"]?.int } == Array(0..<rows.count))
        let losses = rows.compactMap { $0["train/loss"]?.double }
        #expect(losses == (try lines(directory, kind: "step").compactMap { $0["loss"]?.double }))
        let pictures = rows.compactMap { $0["samples/3"] }
        #expect(pictures.count == 3 && pictures.allSatisfy { $0["_type"] == "image-file" })
        let path = try #require(pictures[0]["path"]?.string)
        let picture = try FileSystem.read(directory.file("run/wandb/\(folders[0])/files/" + path))
        #expect(SHA256Digest.hex(picture) == pictures[0]["sha256"]?.string)
        #expect(files[1]["summary"]?["train/loss"]?.double == losses.last)
    }

    /// `wandb sync` uploads both parts of a run to a server that takes everything, one row after the other.
    @Test func weightsAndBiasesUploadsARun() throws {
        let directory = try resumedRun(["--track", "wandb"])
        let server = Process()
        server.executableURL = URL(fileURLWithPath: try #require(PeerPython.path))
        server.arguments = [Repository.root + "/Tests/interop/fake_wandb.py", directory.file("server")]
        try server.run()
        defer { server.killGroup() }
        while server.isRunning, !FileSystem.exists(directory.file("server/port")) { usleep(20_000) }
        let port = String(decoding: try FileSystem.read(directory.file("server/port")), as: UTF8.self)
        let folders = try FileSystem.list(directory.file("run/wandb")).map { directory.file("run/wandb/" + $0) }
        let sync = try BuiltBinary.runProgram(
            try program("wandb"), ["sync"] + folders, in: directory.path,
            environment: [
                "WANDB_BASE_URL": "http://127.0.0.1:" + port, "WANDB_API_KEY": String(repeating: "a", count: 40),
                "WANDB_CONFIG_DIR": directory.path, "WANDB_CACHE_DIR": directory.path, "WANDB_ERROR_REPORTING": "false",
            ])
        #expect(sync.status == 0, "\(sync.stdout)\(sync.stderr)")
        server.killGroup()
        let log = String(decoding: try FileSystem.read(directory.file("server/history.jsonl")), as: UTF8.self)
        let rows = try log.split(separator: "\n").map { try JSONDocument.parse(String($0)) }
        #expect(rows.compactMap { $0["_step"]?.int } == Array(0..<rows.count))
        #expect(rows.compactMap { $0["train/loss"]?.double }.count == 6)
        let uploads = String(decoding: try FileSystem.read(directory.file("server/uploads.txt")), as: UTF8.self)
        #expect(uploads.split(separator: "\n").count { $0.hasPrefix("media/images/samples/3_") } == 3, "\(uploads)")
    }

    @Test func mlflowImportsARun() throws {
        let directory = try resumedRun(["--track", "mlflow", "--set", "experiment=cells"])
        let uri = "sqlite:///" + directory.file("mlflow.db")
        let migration = try BuiltBinary.runProgram(
            try program("mlflow"), ["migrate-filestore", "--source", "run/mlruns", "--target", uri], in: directory.path)
        #expect(migration.status == 0, "\(migration.stdout)\(migration.stderr)")
        try check(try read(["mlflow", uri, "cells"]), directory)
    }

    @Test func mlflowServesARun() throws {
        let directory = try TrainingFixture.prepared()
        let server = try MLflowServer(try program("mlflow"), in: directory)
        defer { server.stop() }
        try server.waitUntilItAnswers()
        let options = [
            "--val", "shards", "--set", "sample-images=1", "--set", "run-name=first run", "--set", "experiment=cells",
            "--track", "mlflow", "--mlflow-url", server.url,
        ]
        let first = try TrainingFixture.train(options, in: directory)
        #expect(first.status == 0 && !first.stderr.contains("MLflow"), "\(first.stderr)")
        let longer = try BuiltBinary.run(["train", "-o", "run", "--resume", "--epochs", "3"], in: directory.path)
        #expect(longer.status == 0 && !longer.stderr.contains("MLflow"), "\(longer.stderr)")
        try check(try read(["mlflow", server.url, "cells"]), directory)
        #expect(!FileSystem.exists(directory.file("run/mlruns")))
    }

    /// One run of six steps, whole.
    private func check(_ read: JSONValue, _ directory: TemporaryDirectory) throws {
        #expect(read.array?.count == 1)
        let run = try #require(read[0])
        #expect(run["name"] == "first run" && run["status"] == "FINISHED")
        #expect(steps(run["metrics"]?["train/loss"]) == Array(1...6))
        #expect(steps(run["metrics"]?["validation/box/iou"]) == [2, 4, 6])
        let values = (run["metrics"]?["train/loss"]?.array ?? []).compactMap { $0[1]?.double }
        #expect(values == (try lines(directory, kind: "step").compactMap { $0["loss"]?.double }))
        #expect(
            run["params"]?["objects-per-image"] == "16" && run["params"]?["loss"]?.string?.hasPrefix("focal=20") == true
        )
        let artifacts = (run["artifacts"]?.array ?? []).compactMap(\.string)
        #expect(artifacts.contains("config.yaml") && artifacts.contains("report.html"))
        #expect(artifacts.filter { $0.hasPrefix("samples/") } == (1...3).map { "samples/epoch-000\($0)-3.png" })
    }
}

/// A real MLflow server on a free port of this machine.
private final class MLflowServer {
    let url: String
    private let process = Process()

    init(_ program: String, in directory: TemporaryDirectory) throws {
        let port = Int.random(in: 20_000..<30_000)
        url = "http://127.0.0.1:\(port)"
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "server", "--host", "127.0.0.1", "--port", "\(port)", "--workers", "1", "--backend-store-uri",
            "sqlite:///" + directory.file("server.db"), "--artifacts-destination", directory.file("artifacts"),
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func waitUntilItAnswers() throws {
        while process.isRunning {
            let answer = try BuiltBinary.runProgram("/usr/bin/env", ["curl", "-s", "-o", "/dev/null", url + "/health"])
            if answer.status == 0 { return }
            usleep(200_000)
        }
        Issue.record("the MLflow server ended at once")
    }

    func stop() { process.killGroup() }
}
