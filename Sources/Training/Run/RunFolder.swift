internal import Foundation
internal import Runtime

/// The folder of a training run: `config.yaml`, `metrics.jsonl`, `checkpoints/`, `evaluation/`, `report.html`, what trackers and
/// pictures leave, and `base.safetensors` of adapters that were trained beside random weights.
package struct RunFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// The configuration as resolved.
    package var configurationPath: String { FileSystem.join(path, "config.yaml") }
    /// Losses, validations and events, one JSON object a line.
    package var metricsPath: String { FileSystem.join(path, "metrics.jsonl") }
    /// Name of the random weights that adapters were trained beside.
    static let baseFileName = "base.safetensors"
    /// The weights that adapters were trained beside, where those came from no file.
    package var basePath: String { FileSystem.join(path, Self.baseFileName) }
    /// The run's checkpoints.
    package var checkpoints: CheckpointStore { CheckpointStore(path: FileSystem.join(path, "checkpoints")) }

    /// Evaluations of the whole run.
    package var evaluationFolder: String { FileSystem.join(path, "evaluation") }
    /// The evaluation of the model that training began with.
    package var evaluationBeforePath: String { FileSystem.join(evaluationFolder, "before.json") }
    /// The evaluation of the best checkpoint.
    package var evaluationAfterPath: String { FileSystem.join(evaluationFolder, "after.json") }
    /// The page that shows the run.
    package var reportPath: String { FileSystem.join(path, "report.html") }

    /// Whether there is nothing at the path yet, but for what a run leaves that was killed while it wrote its configuration.
    package var isVacant: Bool {
        guard FileSystem.exists(path) else { return true }
        guard FileSystem.isDirectory(path), let names = try? FileSystem.list(path) else { return false }
        return names.allSatisfy(Self.isUnfinishedConfiguration)
    }

    private static func isUnfinishedConfiguration(_ name: String) -> Bool {
        name.hasPrefix(".config.yaml.") && name.hasSuffix(".tmp")
    }

    /// Whether a training run has written into the folder.
    package var holdsRun: Bool { FileSystem.exists(configurationPath) }

    /// Begins a new run: makes the folder and writes the configuration.
    ///
    /// With `replacing`, an earlier run in the folder is removed first; other files in it stay.
    ///
    /// - Returns: the folder's lock, to be kept until the run is over.
    /// - Throws: `TrainingError.outputExists` when something is there that is not to be replaced, `.busy` when another process
    ///   trains there.
    @discardableResult
    package func begin(_ configuration: TrainingConfiguration, replacing: Bool) throws -> RunLock {
        try checkVacancy(replacing: replacing)
        try FileSystem.createDirectory(path)
        let lock = try RunLock(self)
        // Another may have begun one meanwhile.
        try checkVacancy(replacing: replacing)
        if holdsRun {
            let names =
                [metricsPath, evaluationFolder, reportPath, checkpoints.path, basePath] + trackingPaths
                + [configurationPath]
            for name in names where FileSystem.exists(name) {
                do {
                    try FileManager.default.removeItem(atPath: name)
                } catch {
                    throw FileError(.write, path: name, "cannot be removed: \(error.localizedDescription)")
                }
            }
        }
        for name in try FileSystem.list(path) where Self.isUnfinishedConfiguration(name) {
            try? FileManager.default.removeItem(atPath: FileSystem.join(path, name))
        }
        try rewrite(configuration)
        return lock
    }

    /// Replaces the configuration of the run that the folder holds.
    func rewrite(_ configuration: TrainingConfiguration) throws {
        try AtomicFileWriter.write(try configuration.yaml(), to: configurationPath)
    }

    /// Demands that a new run may be written into the folder.
    ///
    /// - Throws: `TrainingError.outputExists` when something is there that is not to be replaced.
    func checkVacancy(replacing: Bool) throws(TrainingError) {
        if isVacant { return }
        let place = DataLocation(path: path)
        guard FileSystem.isDirectory(path) else {
            throw TrainingError(.outputExists, "is a file; a run needs a folder of its own", at: place)
        }
        guard replacing else {
            throw TrainingError(
                .outputExists,
                holdsRun
                    ? "holds a training run; give --resume to go on with it, --force to replace it, or another --output"
                    : "exists and is not empty; give another --output, or --force to write into it", at: place)
        }
        // What looks like a run but is none is somebody else's, and stays.
        do {
            if holdsRun { _ = try storedConfiguration() }
        } catch {
            throw TrainingError(
                .outputExists, "holds a config.yaml that is not of a training run; give another --output", at: place,
                cause: error)
        }
        guard holdsRun || !FileSystem.exists(checkpoints.path) else {
            throw TrainingError(
                .outputExists, "holds checkpoints, but not of a training run; give another --output", at: place)
        }
    }

    /// The run that a path of weights belongs to: its folder, one of its checkpoints, or a file of one.
    package static func enclosing(_ weights: String) -> RunFolder? {
        var place = URL(fileURLWithPath: weights).standardizedFileURL
        for _ in 0..<4 {
            let folder = RunFolder(path: place.path)
            if folder.holdsRun && FileSystem.exists(folder.checkpoints.path) { return folder }
            place.deleteLastPathComponent()
        }
        return nil
    }

    /// Whether a path leads into the folder.
    func contains(_ other: String) -> Bool {
        func whole(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        return whole(other) == whole(path) || whole(other).hasPrefix(whole(path) + "/")
    }

    /// The configuration of the run that the folder holds.
    ///
    /// - Throws: `TrainingError.nothingToResume` when there is none.
    package func storedConfiguration() throws -> TrainingConfiguration {
        guard holdsRun else {
            throw TrainingError(
                .nothingToResume, "holds no training run (no config.yaml), so there is nothing to resume",
                at: DataLocation(path: path))
        }
        return try TrainingConfiguration.read(configurationPath)
    }
}
