/// A tensor of a model: its path in checkpoints and its shape as PyTorch stores it.
package struct TensorShape: Sendable, Hashable {
    package let name: String
    package let shape: [Int]
}

/// Collects the shapes of a model's tensors.
struct TensorShapeList {
    private(set) var tensors: [TensorShape] = []

    mutating func add(_ name: String, _ shape: [Int]) { tensors.append(TensorShape(name: name, shape: shape)) }

    /// The weight and bias of a normalisation.
    mutating func addNorm(_ path: String, _ width: Int) {
        add("\(path).weight", [width])
        add("\(path).bias", [width])
    }

    mutating func addLinear(_ path: String, _ inputs: Int, _ outputs: Int) {
        add("\(path).weight", [outputs, inputs])
        add("\(path).bias", [outputs])
    }

    /// The four projections of one of the decoder's attentions.
    mutating func addAttention(_ path: String, _ dim: Int, _ internalDim: Int) {
        for name in ["q_proj", "k_proj", "v_proj"] { addLinear("\(path).\(name)", dim, internalDim) }
        addLinear("\(path).out_proj", internalDim, dim)
    }

    /// Linear layers of a perceptron.
    ///
    /// - Parameters:
    ///   - paths: one a layer.
    ///   - widths: of the input, then of each layer's output.
    mutating func addLayers(_ paths: [String], _ widths: [Int]) {
        for (layer, path) in paths.enumerated() { addLinear(path, widths[layer], widths[layer + 1]) }
    }

    /// A transposed convolution of size 2.
    mutating func addTransposedConvolution(_ path: String, _ inputs: Int, _ outputs: Int) {
        add("\(path).weight", [inputs, outputs, 2, 2])
        add("\(path).bias", [outputs])
    }

    /// A convolution of size 3.
    mutating func addConvolution3x3(_ path: String, _ inputs: Int, _ outputs: Int) {
        add("\(path).weight", [outputs, inputs, 3, 3])
        add("\(path).bias", [outputs])
    }

    /// The encoder's neck.
    mutating func addNeck(_ path: String, _ inputs: Int, _ outputs: Int) {
        add("\(path).0.weight", [outputs, inputs, 1, 1])
        addNorm("\(path).1", outputs)
        add("\(path).2.weight", [outputs, outputs, 3, 3])
        addNorm("\(path).3", outputs)
    }
}
