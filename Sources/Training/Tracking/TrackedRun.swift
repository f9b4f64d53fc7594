private import Foundation
private import JSONText
internal import Runtime

/// What trackers are told of a run when it begins.
package struct TrackedRun: Sendable {
    /// What the run is called.
    package let name: String
    /// What it is part of.
    package let experiment: String
    package let folder: RunFolder
    /// The resolved configuration, as in `config.yaml`.
    package let yaml: String
    /// The same by keys; lists and mappings as they are given on the command line.
    package let parameters: [(key: String, value: String)]
    /// Where the run goes on; step 0 for a new one.
    package let resumePoint: ResumePoint
    /// When this process began, in seconds since 1970.
    package let startTime: Double

    /// - Throws: `TrainingError.configuration` when the configuration cannot be written.
    package init(
        _ configuration: TrainingConfiguration, folder: RunFolder, resumePoint: ResumePoint,
        startTime: Double = Date().timeIntervalSince1970
    ) throws(TrainingError) {
        let full = URL(fileURLWithPath: folder.path).standardizedFileURL
        name = configuration.runName ?? FileSystem.lastComponent(full.path)
        experiment = configuration.experiment ?? "samdata"
        self.folder = folder
        yaml = try configuration.yaml()
        parameters = TrainingConfiguration.keys.map { ($0.name, $0.get(configuration).commandLineText) }
        self.resumePoint = resumePoint
        self.startTime = startTime
    }

    /// The lines that earlier processes of the run left in `metrics.jsonl`, as if they were written now.
    ///
    /// - Throws: `FileError` when the file is there and cannot be read.
    func writtenLines() throws(FileError) -> [TrackedLine] {
        guard FileSystem.exists(folder.metricsPath) else { return [] }
        let file = try MappedFile(path: folder.metricsPath)
        return file.withBytes { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
                guard let value = try? JSONDocument.parse(UnsafeRawBufferPointer(rebasing: line), path: nil) else {
                    return nil
                }
                return TrackedLine(value, time: startTime)
            }
        }
    }

    /// The comparison of the model with the one that the run began from, written at its end, if at all.
    var reportPath: String { FileSystem.join(folder.path, "report.html") }
}

extension ConfigurationValue {
    /// The value as `--set key=value` takes it.
    package var commandLineText: String {
        switch self {
        case .null: "null"
        case .text(let text): text
        case .list(let items): items.joined(separator: ",")
        case .pairs(let pairs): pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
        }
    }
}
