package import JSONText
internal import Runtime

/// `tracking.json` of a run's folder: what the run is called by those who record it, so that a resumed run is the same
/// one to them; `schemas/tracking.schema.json` describes it.
package struct TrackingRecord: Sendable, Hashable {
    /// The version that this code writes and reads.
    package static let schemaVersion = 1
    /// Of its name in the run's folder.
    package static let fileName = "tracking.json"

    /// A run of an MLflow server.
    package struct MLflow: Sendable, Hashable {
        /// Address of the server.
        package var url: String
        package var runID: String

        package init(url: String, runID: String) {
            self.url = url
            self.runID = runID
        }
    }

    /// The run of the server that it was recorded by last.
    package var mlflow: MLflow?
    /// The run's id in the local store of MLflow.
    package var mlflowStoreRunID: String?
    /// The run's id at W&B.
    package var wandbRunID: String?

    package init() {}

    /// Reads the record of a run's folder; there is nothing in it where there is no file.
    ///
    /// - Throws: `FileError`, `JSONError`, or `TrainingError.tracking` for identifiers that cannot be.
    package init(of folder: RunFolder) throws {
        let path = FileSystem.join(folder.path, Self.fileName)
        guard FileSystem.exists(path) else { return }
        let bytes = try FileSystem.read(path)
        let json = try bytes.withUnsafeBytes { try JSONDocument.parse($0, path: path) }
        func identifier(_ value: JSONValue?, _ count: ClosedRange<Int>, key: String) throws(TrainingError) -> String? {
            guard let value, !value.isNull else { return nil }
            // They become names of files and parts of addresses.
            guard let text = value.string, TrackedName.isIdentifier(text, count: count) else {
                throw TrainingError(
                    .tracking,
                    "'\(key)' is no identifier of \(count.lowerBound) to \(count.upperBound) small letters "
                        + "and digits; remove the file to begin a new record",
                    at: DataLocation(path: path, keyPath: key))
            }
            return text
        }
        guard json["schema_version"]?.int == Self.schemaVersion else {
            throw TrainingError(
                .tracking, "is not of schema version \(Self.schemaVersion); remove the file to begin a new record",
                at: DataLocation(path: path))
        }
        if let url = json["mlflow"]?["url"]?.string,
            let run = try identifier(json["mlflow"]?["run_id"], 8...64, key: "mlflow.run_id")
        {
            mlflow = MLflow(url: url, runID: run)
        }
        mlflowStoreRunID = try identifier(json["mlflow_store_run_id"], 32...32, key: "mlflow_store_run_id")
        wandbRunID = try identifier(json["wandb_run_id"], 4...64, key: "wandb_run_id")
    }

    /// The record as JSON, members in a fixed order.
    package var json: JSONValue {
        .object([
            "schema_version": .integer(Int64(Self.schemaVersion)),
            "mlflow": mlflow.map { .object(["url": .string($0.url), "run_id": .string($0.runID)]) } ?? .null,
            "mlflow_store_run_id": mlflowStoreRunID.map { .string($0) } ?? .null,
            "wandb_run_id": wandbRunID.map { .string($0) } ?? .null,
        ])
    }

    /// Changes the record of a run's folder.
    ///
    /// - Throws: as ``init(of:)``, and `FileError.write`.
    package static func change(of folder: RunFolder, _ body: (inout TrackingRecord) -> Void) throws {
        var record = try TrackingRecord(of: folder)
        body(&record)
        try AtomicFileWriter.write(
            record.json.text(pretty: true) + "\n", to: FileSystem.join(folder.path, fileName))
    }
}
