internal import Checkpoints
private import Kernels
private import Tensors

/// The positions that a ViT adds to its patches, for another number of patches than they were learnt for.
enum PositionGrid {
    static let name = "image_encoder.pos_embed"

    /// The tensors with positions for a grid of the given side.
    ///
    /// Bilinear interpolation without antialiasing, as in SAMed and micro-sam.
    ///
    /// - Parameters:
    ///   - state: of a ViT; positions [1, G, G, D].
    ///   - side: of the grid wanted.
    static func resized(_ state: StateDict, to side: Int) -> StateDict {
        guard let stored = state[name], stored.shape.count == 4, stored.shape[1] != side || stored.shape[2] != side
        else { return state }
        let (height, width, dim) = (stored.shape[1], stored.shape[2], stored.shape[3])
        let source = stored.tensor()
        let target = Tensor(shape: [1, side, side, dim]) { output in
            source.withUnsafeBuffer { values in
                guard let values = values.baseAddress else { return }
                BilinearResize(
                    source: BilinearResize.Size(height: height, width: width),
                    target: BilinearResize.Size(height: side, width: side), channels: dim
                ).run(input: values, output: output)
            }
        }
        var result = StateDict()
        result.metadata = state.metadata
        for entry in state.entries {
            result.append(entry.name, entry.name == name ? StateTensor(target) : entry.tensor)
        }
        return result
    }
}
