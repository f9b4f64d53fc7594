internal import Layers
internal import Tensors

/// Multi-head self-attention with decomposed relative position, over a square of tokens or in square windows of it.
///
/// Its inner width may be narrower than the tokens'. Windows are filled up with zero tokens at the right and the bottom.
/// These are not masked: their keys and values equal the bias, as in the reference.
struct ViTAttention: Module {
    private let qkv: Linear
    private let proj: Linear
    private let relPosH: Parameter
    private let relPosW: Parameter
    private let numHeads: Int
    private let size: Int
    private let isWindowed: Bool

    /// - Parameter block: the block's index, which decides how large the square is.
    init(name: String, _ configuration: ViTConfiguration, block: Int, from initializer: WeightInitializer) {
        let dim = configuration.embedDim
        let inner = configuration.attentionDim(ofBlock: block)
        let headDim = configuration.headDim(ofBlock: block)
        let rows = configuration.relativePositionRows(ofBlock: block)
        numHeads = configuration.numHeads
        size = configuration.attentionSize(ofBlock: block)
        isWindowed = configuration.windowSize(ofBlock: block) > 0
        relPosH = initializer.constant("\(name).rel_pos_h", shape: [rows.height, headDim], 0)
        relPosW = initializer.constant("\(name).rel_pos_w", shape: [rows.width, headDim], 0)
        qkv = Linear("\(name).qkv", inputs: dim, outputs: 3 * inner, from: initializer)
        proj = Linear("\(name).proj", inputs: inner, outputs: dim, from: initializer)
    }

    /// - Parameter tokens: [B, G, G, D], as is the result.
    func callAsFunction(_ tokens: Tensor) -> Tensor {
        let shape = tokens.shape
        let position = RelativePosition(
            height: relPosH.tensor.fittedRelativePositions(to: size),
            width: relPosW.tensor.fittedRelativePositions(to: size),
            grid: (size, size))
        let projected = qkv(tokens)
        let width = qkv.weight.shape[0]
        if isWindowed {
            let bias = qkv.bias?.tensor ?? Tensor(zeros: [width])
            return proj(projected.windowSelfAttention(heads: numHeads, bias: bias, relativePosition: position))
        }
        precondition(
            shape[1] == size && shape[2] == size, "attention over \(size) x \(size) tokens got \(shape)")
        let mixed = Tensor.selfAttention(
            qkv: projected.reshaped([shape[0], size * size, width]), heads: numHeads,
            relativePosition: position)
        return proj(mixed).reshaped(shape)
    }

    func forEachParameter(_ body: (Parameter) -> Void) {
        body(relPosH)
        body(relPosW)
        qkv.forEachParameter(body)
        proj.forEachParameter(body)
    }
}
