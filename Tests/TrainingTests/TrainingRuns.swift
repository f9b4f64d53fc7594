import JSONText
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// What tests look at of a run that is done.
struct TrainingRun {
    let outcome: TrainingOutcome
    let folder: RunFolder
    let steps: [TrainingEvent.Step]
    let skips: [TrainingEvent.Skip]
    let epochs: [TrainingEvent.Epoch]

    /// Trains to the end into a folder `name` of the directory.
    init(
        _ configuration: TrainingConfiguration, as name: String = "run", in directory: TemporaryDirectory
    ) throws {
        let folder = RunFolder(path: directory.file(name))
        var steps: [TrainingEvent.Step] = []
        var skips: [TrainingEvent.Skip] = []
        var epochs: [TrainingEvent.Epoch] = []
        outcome = try Trainer.new(configuration, in: folder, replacing: false).run(observe: { event in
            switch event {
            case .stepped(let step): steps.append(step)
            case .skipped(let skip): skips.append(skip)
            case .closedEpoch(let epoch): epochs.append(epoch)
            default: break
            }
        })
        self.folder = folder
        (self.steps, self.skips, self.epochs) = (steps, skips, epochs)
    }

    /// The weights of a checkpoint by name.
    func weights(_ name: CheckpointStore.Name = .last) throws -> [String: [Float]] {
        let model = try SAMCheckpoint.read(try #require(folder.checkpoints.folder(name)))
        return Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.value.values) })
    }

    /// The files of a checkpoint, byte for byte.
    static func files(_ folder: RunFolder, _ name: CheckpointStore.Name = .last) throws -> [String: [UInt8]] {
        let checkpoint = try #require(folder.checkpoints.folder(name))
        return try FileSystem.list(checkpoint).reduce(into: [:]) { files, file in
            files[file] = try FileSystem.read(checkpoint + "/" + file)
        }
    }

    /// The lines of `metrics.jsonl` without what depends on the clock and the machine.
    static func metrics(_ folder: RunFolder) throws -> [JSONValue] {
        try String(decoding: FileSystem.read(folder.metricsPath), as: UTF8.self).split(separator: "\n").map { line in
            let members = try JSONDocument.parse(String(line)).object ?? []
            return .object(members.filter { $0.name != "seconds" && $0.name != "peak_memory_bytes" })
        }
    }
}
