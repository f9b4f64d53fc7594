package import Layers
package import Tensors

/// Predicts masks, and how good each is, from an image's embedding and prompts.
///
/// Shapes: P prompts, M masks, G side of the token grid, L = 4 G side of low-resolution masks, C width of the prompts.
/// Source: segment-anything `mask_decoder.py`, sam-hq `mask_decoder_hq.py`, EfficientSAM `efficient_sam_decoder.py`.
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

        /// - Throws: `SAMError.answer` when a number is not finite: from weights with NaN, nothing would look like an empty
        ///   image.
        func checkFinite() throws(SAMError) {
            guard lowResMasks.sumOfSquares.isFinite, iouPredictions.sumOfSquares.isFinite else {
                throw SAMError(
                    .answer, "the model's answer holds numbers that are not finite; look for NaN among its weights")
            }
        }
    }

    /// What groups of prompts share.
    private struct Shared {
        /// The embedding, [G * G, C].
        let embedding: Tensor
        /// Encodings of its cells, [G * G, C].
        let position: Tensor
        /// What stands for a mask, [C], or nil.
        let noMask: Tensor?
        let masks: Range<Int>
        /// Of ``HighQualityHead/detail(of:)``, for models with that head.
        let detail: Tensor?
        /// Of ``detailed(_:imagePosition:prompts:)``.
        let known: EmbeddingProjections?
        let hqTokenOnly: Bool
        /// What the first layer makes of the image, where somebody computed it.
        var projected: ImageProjections?

        /// The image for prompts with such masks, or without.
        func image(_ masks: DensePrompts?) -> DecoderImage {
            DecoderImage(embedding: embedding, noMask: noMask, masks: masks, known: known)
        }
    }

    private let transformer: TwoWayTransformer
    private let iouToken: Embedding
    private let maskTokens: Embedding
    private let outputUpscaling: OutputUpscaling
    private let hypernetworks: [MLP]
    private let iouPredictionHead: MLP
    private let highQualityHead: HighQualityHead?
    private let gridSize: Int
    /// Channels of a mask prompt; 0 for models that know none.
    private let maskRank: Int
    /// Elements of the image, for all prompts together, that are changed at once where no gradient is wanted: what lies
    /// between two layers then stays in the third-level cache, and memory does not grow with the prompts.
    private let elementsAtOnce: Int

    /// Random weights as the reference: PyTorch's defaults.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        let path = "mask_decoder"
        let dim = configuration.promptEmbedDim
        let style = DecoderStyle(configuration.family)
        gridSize = configuration.gridSize
        maskRank = configuration.family == .efficientSAM ? 0 : configuration.maskInChannels
        // Where the upscaling is no one operation, its pictures, 32 times the image, lie in memory.
        elementsAtOnce = configuration.family == .sam ? 8 << 20 : 2 << 20
        transformer = TwoWayTransformer(name: "\(path).transformer", configuration, from: initializer)
        iouToken = Embedding(name: "\(path).iou_token", rows: 1, dim: dim, from: initializer)
        maskTokens = Embedding(
            name: "\(path).mask_tokens", rows: configuration.numMaskTokens, dim: dim, from: initializer)
        outputUpscaling = OutputUpscaling(name: path, dim: dim, style: style, from: initializer)
        hypernetworks = (0..<configuration.numMaskTokens).map { index in
            style.perceptron(
                style.layers("\(path).output_hypernetworks_mlps.\(index)", count: 3), widths: [dim, dim, dim, dim / 8],
                from: initializer)
        }
        let hidden = [Int](repeating: configuration.iouHeadHiddenDim, count: configuration.iouHeadDepth - 1)
        iouPredictionHead = style.perceptron(
            style.layers("\(path).iou_prediction_head", count: configuration.iouHeadDepth),
            widths: [dim] + hidden + [configuration.numMaskTokens], from: initializer)
        if configuration.family == .samHQ {
            guard let earlyWidth = configuration.encoder.earlyWidth else {
                preconditionFailure("the image encoder of a SAM-HQ model gives no early tokens")
            }
            highQualityHead = HighQualityHead(name: path, dim: dim, earlyWidth: earlyWidth, from: initializer)
        } else {
            highQualityHead = nil
        }
    }

    /// The features with what the finer head makes of them, in place of the early tokens that it reads; and with what the
    /// first layer makes of them, where there is a position and so many prompts share it.
    func detailed(_ image: ImageFeatures, imagePosition: Tensor?, prompts: Int) -> ImageFeatures {
        let isAsIs = highQualityHead == nil || image.detail != nil
        let detail = isAsIs ? image.detail : highQualityHead?.detail(of: image)
        let projections =
            image.projections
            ?? imagePosition.flatMap { position in
                // The shortest prompt is a point and what stands beside it.
                transformer.projections(
                    of: image.embedding.reshaped([gridSize * gridSize, iouToken.dim]), position: position,
                    prompts: prompts, tokens: ownTokens.shape[0] + 2, rank: maskRank)
            }
        return ImageFeatures(
            embedding: image.embedding, early: isAsIs ? image.early : nil, detail: detail, projections: projections)
    }

    /// - Parameters:
    ///   - image: the features of one image, with an embedding of [1, G, G, C].
    ///   - imagePosition: encodings of its cells, [G * G, C].
    ///   - prompts: of P objects in that image.
    ///   - noMask: what stands for a mask where prompts have none, [C], or nil.
    ///   - masks: which of the masks to compute: 0 for a clear prompt, 1... for an ambiguous one. With the head of SAM-HQ,
    ///     the one of them with the best predicted IoU is added to that head's mask.
    ///   - hqTokenOnly: whether the head of SAM-HQ, where there is one, answers alone.
    package func callAsFunction(
        image: ImageFeatures, imagePosition: Tensor, prompts: PromptEncoder.Output, noMask: Tensor?,
        masks: Range<Int>, hqTokenOnly: Bool = false
    ) -> Output {
        let dim = iouToken.dim
        let cells = gridSize * gridSize
        precondition(
            image.embedding.shape == [1, gridSize, gridSize, dim],
            "the mask decoder takes an embedding of [1, \(gridSize), \(gridSize), \(dim)], not \(image.embedding.shape)"
        )
        precondition(
            !masks.isEmpty && masks.lowerBound >= 0 && masks.upperBound <= hypernetworks.count,
            "masks \(masks) are not among \(hypernetworks.count)")
        var shared = Shared(
            embedding: image.embedding.reshaped([cells, dim]), position: imagePosition, noMask: noMask, masks: masks,
            detail: detailed(image, imagePosition: nil, prompts: 0).detail, known: image.projections,
            hqTokenOnly: hqTokenOnly)
        let count = prompts.sparse.shape[0]
        let atOnce = max(1, elementsAtOnce / (cells * dim))
        guard !GradientRecording.isOn, count > atOnce else { return output(prompts, shared) }
        shared.projected = transformer.projections(
            of: shared.image(prompts.dense), position: imagePosition, prompts: atOnce,
            tokens: ownTokens.shape[0] + prompts.sparse.shape[1])
        let parts = stride(from: 0, to: count, by: atOnce).map { first in
            let range = first..<min(count, first + atOnce)
            return output(
                PromptEncoder.Output(
                    sparse: prompts.sparse.sliced(axis: 0, range: range),
                    dense: prompts.dense?.sliced(range)), shared)
        }
        return Output(
            lowResMasks: Tensor.concatenated(parts.map(\.lowResMasks), axis: 0),
            iouPredictions: Tensor.concatenated(parts.map(\.iouPredictions), axis: 0))
    }

    /// The tokens that the decoder adds to each prompt's, [T, C].
    private var ownTokens: Tensor {
        Tensor.concatenated(
            [iouToken.tensor, maskTokens.tensor] + (highQualityHead.map { [$0.token] } ?? []), axis: 0)
    }

    private func output(_ prompts: PromptEncoder.Output, _ shared: Shared) -> Output {
        let dim = iouToken.dim
        let count = prompts.sparse.shape[0]
        let own = ownTokens.repeatedLeading(count)
        let tokens =
            prompts.sparse.shape[1] == 0 ? own : Tensor.concatenated([own, prompts.sparse], axis: 1)

        // The IoU token, those of the masks that are computed, and the last one of SAM-HQ.
        let asked =
            [0..<1, shared.masks.lowerBound + 1..<shared.masks.upperBound + 1]
            + (highQualityHead == nil ? [] : [hypernetworks.count + 1..<hypernetworks.count + 2])
        let (answers, changed) = transformer(
            tokens: tokens, image: shared.image(prompts.dense), imagePosition: shared.position,
            projected: shared.projected, asked: asked)
        func answer(_ token: Int) -> Tensor {
            answers.sliced(axis: 1, range: token..<token + 1).reshaped([count, dim])
        }

        let filters = Tensor.concatenated(
            shared.masks.enumerated().map { index, mask in
                hypernetworks[mask](answer(1 + index)).reshaped([count, 1, dim / 8])
            }, axis: 1)
        guard let highQualityHead, let detail = shared.detail else {
            let logits = outputUpscaling(changed, filters: filters, grid: gridSize)
            let iou = iouPredictionHead(answer(0))
            return Output(lowResMasks: logits, iouPredictions: iou.sliced(axis: 1, range: shared.masks))
        }

        let iou = iouPredictionHead(answer(0)).sliced(axis: 1, range: shared.masks)
        let best = Self.choiceOfBest(iou)
        let pixels = outputUpscaling.pixels(changed, grid: gridSize)
        var logits = highQualityHead.masks(pixels: pixels, detail: detail, answers: answer(1 + shared.masks.count))
        if !shared.hqTokenOnly { logits = pixels.filtered(by: best.matmul(filters)) + logits }
        return Output(
            lowResMasks: logits,
            iouPredictions: best.matmul(iou.reshaped([count, iou.shape[1], 1])).reshaped([count, 1]))
    }

    /// A one for each prompt's largest value, of equal ones for the first: [P, 1, M] of [P, M]. A product with it picks,
    /// exactly, and carries gradients back.
    private static func choiceOfBest(_ values: Tensor) -> Tensor {
        let (prompts, count) = (values.shape[0], values.shape[1])
        let all = values.values
        var choice = [Float](repeating: 0, count: all.count)
        for prompt in 0..<prompts {
            let row = all[prompt * count..<(prompt + 1) * count]
            choice[row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }] = 1
        }
        return Tensor(choice, shape: [prompts, 1, count])
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        transformer.forEachParameter(body)
        iouToken.forEachParameter(body)
        maskTokens.forEachParameter(body)
        outputUpscaling.forEachParameter(body)
        for network in hypernetworks { network.forEachParameter(body) }
        iouPredictionHead.forEachParameter(body)
        highQualityHead?.forEachParameter(body)
    }
}
