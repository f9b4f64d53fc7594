private import KernelABI
package import Layers
package import Tensors

/// Predicts masks, and how good each is, from an image's embedding and prompts.
///
/// Shapes: P prompts, M masks, G side of the token grid, L = 4 G side of low-resolution masks, C width of the prompts.
/// Source: segment-anything `mask_decoder.py`.
package struct MaskDecoder: Module {
    /// Masks of a batch of prompts.
    package struct Output {
        /// Logits [P, M, L, L]; above 0 is inside.
        package let lowResMasks: Tensor
        /// Predicted IoU of each mask, [P, M]; not confined to 0...1.
        package let iouPredictions: Tensor

        package init(lowResMasks: Tensor, iouPredictions: Tensor) {
            self.lowResMasks = lowResMasks
            self.iouPredictions = iouPredictions
        }
    }

    private let transformer: TwoWayTransformer
    private let iouToken: Embedding
    private let maskTokens: Embedding
    private let outputUpscaling: OutputUpscaling
    private let hypernetworks: [MLP]
    private let iouPredictionHead: MLP
    private let gridSize: Int

    /// Random weights as the reference: PyTorch's defaults.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        let path = "mask_decoder"
        let dim = configuration.promptEmbedDim
        gridSize = configuration.gridSize
        transformer = TwoWayTransformer(name: "\(path).transformer", configuration, from: initializer)
        iouToken = Embedding(name: "\(path).iou_token", rows: 1, dim: dim, from: initializer)
        maskTokens = Embedding(
            name: "\(path).mask_tokens", rows: configuration.numMaskTokens, dim: dim, from: initializer)
        outputUpscaling = OutputUpscaling(name: "\(path).output_upscaling", dim: dim, from: initializer)
        hypernetworks = (0..<configuration.numMaskTokens).map { index in
            Self.perceptron(
                "\(path).output_hypernetworks_mlps.\(index)", widths: [dim, dim, dim, dim / 8], from: initializer)
        }
        let hidden = [Int](repeating: configuration.iouHeadHiddenDim, count: configuration.iouHeadDepth - 1)
        iouPredictionHead = Self.perceptron(
            "\(path).iou_prediction_head", widths: [dim] + hidden + [configuration.numMaskTokens], from: initializer)
    }

    /// Linear layers with ReLU between them.
    ///
    /// - Parameter widths: of the input, of each layer in between, of the output.
    private static func perceptron(_ name: String, widths: [Int], from initializer: WeightInitializer) -> MLP {
        MLP(
            (0..<widths.count - 1).map { index in
                Linear(
                    "\(name).layers.\(index)", inputs: widths[index], outputs: widths[index + 1], from: initializer)
            }, activation: .relu)
    }

    /// - Parameters:
    ///   - image: the features of one image, with an embedding of [1, G, G, C].
    ///   - imagePosition: encodings of its cells, [G * G, C].
    ///   - prompts: of P objects in that image.
    ///   - noMask: what stands for a mask where prompts have none, [C].
    ///   - masks: which of the masks to compute: 0 for a clear prompt, 1... for an ambiguous one.
    package func callAsFunction(
        image: ImageFeatures, imagePosition: Tensor, prompts: PromptEncoder.Output, noMask: Tensor, masks: Range<Int>
    ) -> Output {
        let imageEmbedding = image.embedding
        let dim = iouToken.dim
        let cells = gridSize * gridSize
        precondition(
            imageEmbedding.shape == [1, gridSize, gridSize, dim],
            "the mask decoder takes an embedding of [1, \(gridSize), \(gridSize), \(dim)], not \(imageEmbedding.shape)")
        precondition(
            !masks.isEmpty && masks.lowerBound >= 0 && masks.upperBound <= hypernetworks.count,
            "masks \(masks) are not among \(hypernetworks.count)")
        let count = prompts.sparse.shape[0]
        let atOnce = max(1, Self.elementsAtOnce / (cells * dim))
        guard !GradientRecording.isOn, count > atOnce else {
            return output(
                imageEmbedding: imageEmbedding, imagePosition: imagePosition, prompts: prompts, noMask: noMask,
                masks: masks, projected: nil)
        }
        let projected =
            prompts.dense == nil
            ? transformer.projections(
                of: imageEmbedding.reshaped([1, cells, dim]) + noMask, position: imagePosition) : nil
        let parts = stride(from: 0, to: count, by: atOnce).map { first in
            let range = first..<min(count, first + atOnce)
            return output(
                imageEmbedding: imageEmbedding, imagePosition: imagePosition,
                prompts: PromptEncoder.Output(
                    sparse: prompts.sparse.sliced(axis: 0, range: range),
                    dense: prompts.dense?.sliced(axis: 0, range: range)), noMask: noMask, masks: masks,
                projected: projected)
        }
        return Output(
            lowResMasks: Tensor.concatenated(parts.map(\.lowResMasks), axis: 0),
            iouPredictions: Tensor.concatenated(parts.map(\.iouPredictions), axis: 0))
    }

    /// Elements of the image, for all prompts together, that are changed at once where no gradient is wanted: what lies
    /// between two layers then stays in the third-level cache, and memory does not grow with the prompts.
    private static let elementsAtOnce = 8 << 20

    private func output(
        imageEmbedding: Tensor, imagePosition: Tensor, prompts: PromptEncoder.Output, noMask: Tensor, masks: Range<Int>,
        projected: (keys: Tensor, values: Tensor)?
    ) -> Output {
        let dim = iouToken.dim
        let cells = gridSize * gridSize
        let count = prompts.sparse.shape[0]
        let own = Tensor.concatenated([iouToken.tensor, maskTokens.tensor], axis: 0).repeatedLeading(count)
        let tokens =
            prompts.sparse.shape[1] == 0 ? own : Tensor.concatenated([own, prompts.sparse], axis: 1)

        // Without mask prompts the image is the same for every prompt and stays one until the tokens change it.
        let image: Tensor =
            if let dense = prompts.dense {
                dense.reshaped([count, cells, dim]) + imageEmbedding.reshaped([cells, dim])
            } else {
                imageEmbedding.reshaped([1, cells, dim]) + noMask
            }
        let (answers, changed) = transformer(
            tokens: tokens, image: image, imagePosition: imagePosition, projected: projected)

        let filters = masks.map { mask in
            hypernetworks[mask](answers.sliced(axis: 1, range: 1 + mask..<2 + mask).reshaped([count, dim]))
                .reshaped([count, 1, dim / 8])
        }
        let logits = outputUpscaling(changed, filters: Tensor.concatenated(filters, axis: 1), grid: gridSize)
        let iou = iouPredictionHead(answers.sliced(axis: 1, range: 0..<1).reshaped([count, dim]))
        return Output(
            lowResMasks: logits, iouPredictions: iou.sliced(axis: 1, range: masks))
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        transformer.forEachParameter(body)
        iouToken.forEachParameter(body)
        maskTokens.forEachParameter(body)
        outputUpscaling.forEachParameter(body)
        for network in hypernetworks { network.forEachParameter(body) }
        iouPredictionHead.forEachParameter(body)
    }
}
