internal import Layers
internal import Tensors

/// A few learnt vectors, drawn from the normal distribution as PyTorch's `nn.Embedding`.
struct Embedding: Module {
    private let weight: Parameter

    init(name: String, rows: Int, dim: Int, from initializer: WeightInitializer) {
        weight = initializer.normal("\(name).weight", shape: [rows, dim])
    }

    /// The vectors, [rows, dim].
    var tensor: Tensor { weight.tensor }
    var dim: Int { weight.shape[1] }

    func forEachParameter(_ body: (Parameter) -> Void) { body(weight) }
}
