import Checkpoints
import JSONText
import Layers
import Runtime
import SAM
import Tensors

/// A whole model from a `.pth` file: from the path to all parameters as float32 tensors in memory.
///
/// The file is in the page cache for both, and both may use memory of the run before again.
struct CheckpointLoadCase: BenchCase {
    static let group = "checkpoint-load"
    static let all = [CheckpointLoadCase(title: "vit_b", configuration: SAMConfiguration())]

    /// The model's name.
    let title: String
    /// The model's dimensions.
    let configuration: SAMConfiguration

    var detail: String { "\(title).pth of our writer into float32 tensors, file in the page cache" }
    var peerRequest: JSONValue { .request("checkpoint_load").with("path", .string(path)) }
    /// Kept between runs of the bench, for us and the peers.
    private var path: String { PeerEnvironment.home + "/checkpoint-load-\(title).pth" }

    func prepare() throws -> () throws -> Void {
        if !FileSystem.exists(path) {
            try FileSystem.createDirectory(PeerEnvironment.home)
            try PyTorchArchive.write(StateDict(SAMModel(configuration).parameters), to: path)
        }
        let path = path
        return {
            let tensors = try CheckpointFile.read(path).state.entries.map { $0.tensor.tensor() }
            precondition(!tensors.isEmpty, "\(path) holds no tensors")
        }
    }
}
