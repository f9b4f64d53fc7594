internal import Foundation
internal import JSONText
internal import Runtime

/// Writes a run as MLflow's file store: `mlruns` in the run's folder, which `mlflow migrate-filestore` reads.
///
/// A metric is a file of lines `MILLISECONDS VALUE STEP`. A resumed run goes on in the same files, from which what is
/// trained again was cut.
package final class MLflowStoreTracker: RunTracker {
    private var root = ""
    private var folder = ""
    private var run: TrackedRun?
    private var id = ""
    private var files: [String: AppendedFile] = [:]

    package init() {}

    package func begin(_ run: TrackedRun) throws {
        self.run = run
        if let known = try TrackingRecord(of: run.folder).mlflowStoreRunID {
            id = known
        } else {
            id = TrackedName.random(32, hexadecimal: true)
            try TrackingRecord.change(of: run.folder) { $0.mlflowStoreRunID = id }
        }
        root = URL(fileURLWithPath: run.folder.mlflowStorePath).standardizedFileURL.path
        let experiment = FileSystem.join(root, Self.experimentID(of: run.experiment))
        folder = FileSystem.join(experiment, id)
        for part in ["metrics", "params", "tags", "artifacts"] {
            try FileSystem.createDirectory(FileSystem.join(folder, part))
        }
        try Self.cut(FileSystem.join(folder, "metrics"), at: run.resumePoint)
        let now = Self.milliseconds(run.startTime)
        try writeYAML(
            [
                ("artifact_location", .string(Self.address(of: experiment))), ("creation_time", now),
                ("experiment_id", .string(Self.experimentID(of: run.experiment))), ("last_update_time", now),
                ("lifecycle_stage", "active"), ("name", .string(run.experiment)),
            ], to: FileSystem.join(experiment, "meta.yaml"))
        try writeStatus(.running, end: nil)
        for (key, value) in run.parameters {
            try AtomicFileWriter.write(
                String(value.prefix(MLflowClient.longestParameter)), to: FileSystem.join(folder, "params/" + key))
        }
        for (key, value) in MLflowClient.tags(of: run) {
            try AtomicFileWriter.write(value, to: FileSystem.join(folder, "tags/" + key))
        }
        try AtomicFileWriter.write(run.yaml, to: FileSystem.join(folder, "artifacts/config.yaml"))
    }

    package func record(_ line: TrackedLine) throws {
        for metric in line.metrics {
            let text = "\(Int(line.time * 1000)) \(metric.value) \(line.step)\n"
            try file(metric.name).append(Array(text.utf8))
        }
    }

    package func show(_ pictures: [TrackedPicture], at line: TrackedLine) throws {
        let samples = FileSystem.join(folder, "artifacts/samples")
        try FileSystem.createDirectory(samples)
        for picture in pictures {
            try AtomicFileWriter.write(
                try picture.png(), to: FileSystem.join(samples, FileSystem.lastComponent(picture.path)))
        }
    }

    package func end(_ ending: RunEnding) throws -> String? {
        files = [:]
        if let run, FileSystem.exists(run.reportPath) {
            try AtomicFileWriter.write(
                try FileSystem.read(run.reportPath), to: FileSystem.join(folder, "artifacts/report.html"))
        }
        try writeStatus(MLflowRunStatus(ending), end: Date().timeIntervalSince1970)
        return "MLflow: `mlflow migrate-filestore --source \(root) --target sqlite:///mlflow.db` imports the run"
    }

    // MARK: Files

    /// The id of an experiment of the store: the same for the same name, so that the stores of several runs agree.
    static func experimentID(of name: String) -> String {
        let digits = SHA256Digest.hex(Array(name.utf8)).prefix(15)
        return String(100_000_000_000_000_000 + (UInt64(digits, radix: 16) ?? 0) % 800_000_000_000_000_000)
    }

    private static func milliseconds(_ time: Double) -> JSONValue { .integer(Int64(time * 1000)) }

    private static func address(of path: String) -> String { URL(fileURLWithPath: path).absoluteString.trimmedSlash }

    private func writeStatus(_ status: MLflowRunStatus, end: Double?) throws {
        guard let run else { return }
        try writeYAML(
            [
                ("artifact_uri", .string(Self.address(of: FileSystem.join(folder, "artifacts")))),
                ("end_time", end.map(Self.milliseconds) ?? .null), ("entry_point_name", ""),
                ("experiment_id", .string(Self.experimentID(of: run.experiment))), ("lifecycle_stage", "active"),
                ("run_id", .string(id)), ("run_name", .string(run.name)), ("run_uuid", .string(id)),
                ("source_name", ""), ("source_type", 4), ("source_version", ""),
                ("start_time", Self.milliseconds(run.startTime)), ("status", .integer(Int64(status.number))),
                ("tags", .array([])), ("user_id", ""),
            ], to: FileSystem.join(folder, "meta.yaml"))
    }

    /// JSON's texts and numbers are YAML's as well.
    private func writeYAML(_ members: [(String, JSONValue)], to path: String) throws(FileError) {
        try AtomicFileWriter.write(members.map { "\($0): \($1.text())\n" }.joined(), to: path)
    }

    private func file(_ metric: String) throws -> AppendedFile {
        if let file = files[metric] { return file }
        let path = FileSystem.join(folder, "metrics/" + metric)
        try FileSystem.createDirectory(FileSystem.folder(of: path))
        let file = try AppendedFile(path: path)
        files[metric] = file
        return file
    }

    /// Cuts what is trained again from all metrics below a folder.
    private static func cut(_ folder: String, at point: ResumePoint) throws {
        for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
            let path = FileSystem.join(folder, name)
            if FileSystem.isDirectory(path) { continue }
            let bytes = try FileSystem.read(path)
            var end = 0
            while let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) {
                let words = String(decoding: bytes[end..<newline], as: UTF8.self).split(separator: " ")
                guard words.count == 3, let step = Int(words[2]),
                    point.keeps(step: step, of: TrackedLine.moment(of: name))
                else { break }
                end = newline + 1
            }
            if end < bytes.count { try AppendedFile.truncate(path, to: end) }
        }
    }
}

extension String {
    /// Without a slash at the end.
    fileprivate var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
