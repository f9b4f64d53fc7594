private import Checkpoints
internal import JSONText
private import Runtime

extension InspectCommand {
    /// A safetensors file, or the model of a checkpoint's folder: its tensors.
    static func inspectCheckpoint(_ request: InspectionRequest) throws -> Inspection {
        guard request.record == nil, !request.wantsPicture else {
            throw InspectError(.notApplicable, "--record and --picture do not apply to checkpoints", path: request.path)
        }
        let path =
            FileSystem.isDirectory(request.path)
            ? FileSystem.join(request.path, "model.safetensors") : request.path
        let state = try SafeTensors.read(path)
        return Inspection(
            text: [
                "tensors:   \(state.count) (\(ByteSize(bytes: state.byteCount)))", "elements:  \(state.elementCount)",
            ].joined(separator: "\n"),
            members: [
                JSONMember("tensors", .integer(Int64(state.count))),
                JSONMember("bytes", .integer(Int64(state.byteCount))),
                JSONMember("elements", .integer(Int64(state.elementCount))),
            ])
    }
}
