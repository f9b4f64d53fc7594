internal import Checkpoints
private import Foundation
private import Runtime
private import SAM

extension ExportCommand {
    /// Of adapters that are merged: runs the model both ways, and says how far the answers are apart.
    ///
    /// - Returns: the largest difference, relative to the largest number; nil where nothing is merged.
    /// - Throws: `CheckpointError.mismatch` when it is more than rounding.
    func checkMerge(of source: CheckpointFile, _ console: Console) throws -> Double? {
        guard AdapterCheckpoint.isAdapter(source.state) else { return nil }
        let (difference, isRestored) = MergeCheck.difference(of: try AdapterCheckpoint(source).attached())
        guard isRestored else {
            throw CheckpointError(
                .mismatch, at: DataLocation(path: checkpoint),
                "taken off again, the adapter leaves another base than before")
        }
        guard difference <= MergeCheck.tolerance else {
            throw CheckpointError(
                .mismatch, at: DataLocation(path: checkpoint),
                "merged into the base the adapter answers otherwise than beside it: by \(difference) of the largest number, "
                    + "where up to \(MergeCheck.tolerance) would be rounding; its numbers may be too large for that")
        }
        console.remark(
            "\(checkpoint): merged, the model answers as with its adapters beside it, up to "
                + String(format: "%.1e", difference)
                + " of the largest number; taken off again, they leave the base as it was, to the bit")
        return difference
    }

    /// Writes the adapter of a run as Sam_LoRA or SAMed would have.
    ///
    /// - Throws: `CheckpointError.mismatch` for a checkpoint without adapters, or with more than fits such a file.
    func exportAdapter(_ console: Console) throws {
        let file = try CheckpointFile.read(try SAMCheckpoint.file(at: checkpoint))
        guard AdapterCheckpoint.isAdapter(file.state) else {
            throw CheckpointError(
                .mismatch, at: DataLocation(path: checkpoint),
                "the checkpoint holds no adapters; train some with samdata train --lora-rank 4")
        }
        guard lora == nil, imageSize == nil, preprocessing == nil else {
            throw CheckpointError(
                .mismatch, at: DataLocation(path: checkpoint),
                "--lora, --image-size and --preprocessing change a model's weights, which sam-lora leaves out")
        }
        let adapter = try AdapterCheckpoint(file)
        if let merged = adapter.description.baseAdapter {
            console.remark(
                "warning: the run began with \(merged.onOneLine) merged into its weights, which the file leaves out: it is for the "
                    + "weights that `samdata export \(adapter.description.base.onOneLine) --lora \(merged.onOneLine)` writes"
            )
        }
        let isSAMed = [".pth", ".pt"].contains { output.lowercased().hasSuffix($0) }
        let state = try LoRAAdapter.state(of: adapter, as: isSAMed ? .samed : .samLoRA)
        if isSAMed { try PyTorchArchive.write(state, to: output) } else { try SafeTensors.write(state, to: output) }
        report(
            console, format: .samLoRA, model: adapter.description.modelName, tensors: state.count,
            elements: state.elementCount, mergeDifference: nil)
    }
}
