internal import Checkpoints
private import Foundation
private import Runtime
package import SAM
private import Tensors

extension TrainedParameters {
    /// What a checkpoint of the run says of its base; nil for a run without adapters, whose checkpoints are whole models.
    ///
    /// - Parameters:
    ///   - model: before the first step.
    ///   - configuration: of the run.
    ///   - mergedAdapter: updates that were merged into the weights.
    package func description(
        of model: SAMModel, configuration: TrainingConfiguration, mergedAdapter: String?
    ) -> AdapterDescription? {
        if updates.isEmpty { return nil }
        func whole(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
        return AdapterDescription(
            // Random weights are kept in the run's folder, two above a checkpoint's.
            base: configuration.weights.map(whole) ?? "../../" + RunFolder.baseFileName,
            baseAdapter: mergedAdapter.map(whole), baseDigest: model.weightsDigest,
            modelName: model.configuration.modelName, targets: targets,
            updates: updates.map { AdapterDescription.Update(site: $0.site, rank: $0.rank, alpha: $0.alpha) })
    }

    /// The tensors of an adapter's checkpoint.
    ///
    /// - Parameter epoch: epochs that are done: what joins later is the base's still.
    func state(_ description: AdapterDescription, epoch: Int) -> StateDict {
        AdapterCheckpoint.state(
            description, updates: updates,
            replacements: replaced.filter { joinEpoch($0.name).map { $0 <= epoch } ?? false })
    }

    /// Takes over what a checkpoint holds, to go on from it.
    ///
    /// - Throws: `TrainingError.checkpoint` when its adapters are not this run's, or a tensor does not fit.
    package func restore(_ checkpoint: AdapterCheckpoint, path: String) throws(TrainingError) {
        let own = updates.map { AdapterDescription.Update(site: $0.site, rank: $0.rank, alpha: $0.alpha) }
        guard own == checkpoint.description.updates else {
            throw TrainingError(
                .checkpoint, "the checkpoint's adapters are not those that the run's configuration asks for",
                at: DataLocation(path: path))
        }
        let parameters = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
        let names = updates.flatMap(\.parameters).map(\.name) + checkpoint.replacements.map(\.name)
        for name in names {
            guard let parameter = parameters[name], let tensor = checkpoint[name], tensor.shape == parameter.shape
            else {
                throw TrainingError(
                    .checkpoint, "holds \(name), which is not trained in this run, or in another shape",
                    at: DataLocation(path: path))
            }
            parameter.value = tensor.tensor()
        }
    }
}
