private import Checkpoints
internal import JSONText
private import Runtime
private import SAM

extension InspectCommand {
    /// A file of tensors, or the model of a folder or a run: what model it is, and its tensors.
    static func inspectCheckpoint(_ request: InspectionRequest) throws -> Inspection {
        guard request.record == nil, !request.wantsPicture else {
            throw InspectError(.notApplicable, "--record and --picture do not apply to checkpoints", path: request.path)
        }
        let file = try CheckpointFile.read(try SAMCheckpoint.file(at: request.path))
        var remarks: [String] = []
        var opened: OpenedCheckpoint?
        var adapter: LoRAAdapter?
        var trained: AdapterCheckpoint?
        do {
            if AdapterCheckpoint.isAdapter(file.state) {
                trained = try AdapterCheckpoint(file)
            } else if LoRAAdapter.isAdapter(file.state) {
                adapter = try LoRAAdapter(file.state)
            } else {
                opened = try OpenedCheckpoint(file)
                remarks += opened?.remarks ?? []
            }
        } catch let error as SAMError {
            // Optimiser states and other families' weights are checkpoints too; their tensors can be listed.
            remarks.append("no model that samdata runs: \(error.message)")
        }
        let inspection = CheckpointInspection(file: file, opened: opened, adapter: adapter, trained: trained)
        return Inspection(text: inspection.text, members: inspection.members, remarks: remarks)
    }
}
