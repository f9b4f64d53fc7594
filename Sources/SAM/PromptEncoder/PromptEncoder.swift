package import Layers
package import Tensors

/// Turns points, boxes and earlier masks into tokens and a picture that the mask decoder understands.
///
/// Shapes: P prompts, N tokens of a prompt, G side of the token grid, C width of the prompts.
package struct PromptEncoder: Module {
    /// What the mask decoder gets of a batch of prompts.
    package struct Output {
        /// Points, then box corners: [P, N, C]; N may be 0.
        package let sparse: Tensor
        /// Of mask prompts, or nil where no mask was given.
        package let dense: DensePrompts?
    }

    private enum Vocabulary {
        case sam(SAMPrompts)
        case efficientSAM(EfficientSAMPrompts)
    }

    /// Encodes places, and the grid of the image embedding.
    package let positionalEncoding: PositionalEncoding
    private let vocabulary: Vocabulary
    private let imageSize: Int
    private let gridSize: Int

    /// Random weights as the reference: embeddings and the matrix of places from the normal distribution.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        let path = "prompt_encoder"
        let dim = configuration.promptEmbedDim
        imageSize = configuration.imageSize
        gridSize = configuration.gridSize
        positionalEncoding = PositionalEncoding(name: "\(path).pe_layer", dim: dim, from: initializer)
        vocabulary =
            switch configuration.family {
            case .sam, .samHQ: .sam(SAMPrompts(name: path, configuration, from: initializer))
            case .efficientSAM: .efficientSAM(EfficientSAMPrompts(name: path, dim: dim, from: initializer))
            }
    }

    /// The encodings of the image embedding's cells: [G * G, C].
    package func densePositionalEncoding() -> Tensor { positionalEncoding.grid(gridSize) }

    /// What stands for a mask where none is given, [C]; nil for models that know no mask prompts.
    package var noMask: Tensor? {
        switch vocabulary {
        case .sam(let prompts): prompts.noMask
        case .efficientSAM: nil
        }
    }

    /// - Parameter prompts: of kinds that the model knows; ``SAMModel/check(_:)`` says which.
    package func callAsFunction(_ prompts: PromptBatch) -> Output {
        let (tokens, roles) =
            switch vocabulary {
            case .sam(let vocabulary): (vocabulary.tokens(prompts), vocabulary.roles)
            case .efficientSAM(let vocabulary): (vocabulary.tokens(prompts), vocabulary.roles)
            }
        let sparse = tokens.tokens(
            prompts: prompts.count, imageSize: imageSize, encoding: positionalEncoding, roles: roles)
        guard case .sam(let vocabulary) = vocabulary, let masks = prompts.masks else {
            return Output(sparse: sparse, dense: nil)
        }
        return Output(sparse: sparse, dense: vocabulary.dense(masks))
    }

    package func forEachParameter(_ body: (Parameter) -> Void) {
        positionalEncoding.forEachParameter(body)
        switch vocabulary {
        case .sam(let prompts): prompts.forEachParameter(body)
        case .efficientSAM(let prompts): prompts.forEachParameter(body)
        }
    }
}
