private import Checkpoints
internal import JSONText
private import Runtime
private import SAM

extension InspectCommand {
    /// A safetensors file, or the model of a checkpoint's folder or of a run: what model it is, and its tensors.
    static func inspectCheckpoint(_ request: InspectionRequest) throws -> Inspection {
        guard request.record == nil, !request.wantsPicture else {
            throw InspectError(.notApplicable, "--record and --picture do not apply to checkpoints", path: request.path)
        }
        let file = try SAMCheckpoint.file(at: request.path)
        let state = try SafeTensors.read(file)
        let model: SAMConfiguration?
        var remarks: [String] = []
        do throws(SAMError) {
            model = try SAMConfiguration.identify(from: state)
        } catch {
            // Optimiser states and other families' weights are checkpoints too; their tensors can be listed.
            model = nil
            remarks.append("no model that samdata runs: \(error.message)")
        }
        let inspection = CheckpointInspection(file: file, state: state, model: model)
        return Inspection(text: inspection.text, members: inspection.members, remarks: remarks)
    }
}
