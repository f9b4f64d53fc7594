internal import KernelABI
internal import Layers

/// How the two-way mask decoders of the families differ: in the names of their layers and what lies between these.
enum DecoderStyle: Sendable {
    /// SAM, MobileSAM, SAM-HQ: ReLU; queries keep no position.
    case sam
    /// GELU; the position becomes part of the queries.
    case efficientSAM

    init(_ family: SAMConfiguration.Family) {
        self = family == .efficientSAM ? .efficientSAM : .sam
    }

    /// What stands between the linear layers of a perceptron.
    var activation: Activation { self == .sam ? .relu : .gelu }

    /// Paths of a perceptron's linear layers, as the reference numbers them.
    ///
    /// - Parameter count: number of layers, at least 1.
    func layers(_ path: String, count: Int) -> [String] {
        switch self {
        case .sam: (0..<count).map { "\(path).layers.\($0)" }
        case .efficientSAM: (0..<count - 1).map { "\(path).layers.\($0).0" } + ["\(path).fc"]
        }
    }

    /// Number of layers of a perceptron whose paths, without that of the perceptron, are the ones that `exists` knows.
    func layerCount(_ exists: (_ path: String) -> Bool) -> Int {
        let suffix = self == .sam ? "" : ".0"
        var count = 0
        while exists("layers.\(count)\(suffix)") { count += 1 }
        return self == .sam ? count : count + 1
    }

    /// Paths of the two linear layers in a two-way layer.
    func blockLayers(_ path: String) -> [String] {
        self == .sam ? ["\(path).lin1", "\(path).lin2"] : layers(path, count: 2)
    }

    /// Paths of the layers between the image and the masks.
    func upscalingLayers(_ path: String) -> (first: String, norm: String, second: String) {
        switch self {
        case .sam: ("\(path).output_upscaling.0", "\(path).output_upscaling.1", "\(path).output_upscaling.3")
        case .efficientSAM:
            (
                "\(path).final_output_upscaling_layers.0.0", "\(path).final_output_upscaling_layers.0.1",
                "\(path).final_output_upscaling_layers.1.0"
            )
        }
    }

    /// A perceptron with the activation between its layers.
    ///
    /// - Parameters:
    ///   - paths: one a layer.
    ///   - widths: of the input, then of each layer's output.
    ///   - initializer: makes the parameters.
    func perceptron(_ paths: [String], widths: [Int], from initializer: WeightInitializer) -> MLP {
        MLP(
            paths.enumerated().map { index, path in
                Linear(path, inputs: widths[index], outputs: widths[index + 1], from: initializer)
            }, activation: activation)
    }
}
