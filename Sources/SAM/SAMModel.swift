package import Kernels
package import Layers
package import Tensors

/// A Segment Anything model: image encoder, prompt encoder and mask decoder, with the reference's parameter names.
///
/// The parts are used one by one: an image is encoded once, then asked with many prompts. Parameters whose `isTrainable`
/// is false, and everything that depends on such ones alone, record nothing.
package struct SAMModel: Module {
    package let configuration: SAMConfiguration
    package let imageEncoder: ImageEncoder
    package let promptEncoder: PromptEncoder
    package let maskDecoder: MaskDecoder
    /// Whether a SAM-HQ model answers with the mask of its finer head alone, instead of the sum with SAM's.
    package var hqTokenOnly = false
    /// What the operands of matrix products are rounded to where prompts are answered, if the processor has such products.
    package private(set) var productFormat = ElementFormat.float32

    /// Random weights, initialised as in the reference; the same seed gives the same weights.
    package init(_ configuration: SAMConfiguration, seed: UInt64 = 0) {
        self.init(configuration, from: WeightInitializer(seed: seed))
    }

    /// - Parameter initializer: draws the weights.
    package init(_ configuration: SAMConfiguration, from initializer: WeightInitializer) {
        self.configuration = configuration
        imageEncoder = ImageEncoder(configuration, from: initializer)
        promptEncoder = PromptEncoder(configuration, from: initializer)
        maskDecoder = MaskDecoder(configuration, from: initializer)
    }

    /// The features with all that does not depend on prompts computed, for images that are asked about again and again
    /// with the same weights; the same features for models that have nothing to compute.
    ///
    /// - Parameters:
    ///   - image: of one image or several.
    ///   - imagePosition: of ``PromptEncoder/densePositionalEncoding()``, where one image is asked about in rounds.
    ///   - prompts: of each round.
    package func detailed(_ image: ImageFeatures, imagePosition: Tensor? = nil, prompts: Int = 0) -> ImageFeatures {
        maskDecoder.detailed(image, imagePosition: imagePosition, prompts: prompts)
    }

    /// Masks for prompts in one image.
    ///
    /// Shapes: P prompts, M masks.
    ///
    /// - Parameters:
    ///   - image: the features of one image.
    ///   - imagePosition: of ``PromptEncoder/densePositionalEncoding()``, which callers keep between calls.
    ///   - prompts: of kinds that ``check(_:)`` lets through.
    ///   - multimaskOutput: M is then `numMultimaskOutputs` (for ambiguous prompts), else 1. With SAM-HQ M is 1 always: of
    ///     several masks the one with the best predicted IoU is chosen for each prompt.
    package func masks(
        image: ImageFeatures, imagePosition: Tensor, prompts: PromptBatch, multimaskOutput: Bool
    ) -> MaskDecoder.Output {
        maskDecoder(
            image: image, imagePosition: imagePosition, prompts: promptEncoder(prompts),
            noMask: promptEncoder.noMask, masks: multimaskOutput ? 1..<configuration.numMaskTokens : 0..<1,
            hqTokenOnly: hqTokenOnly)
    }

    /// Keeps the weights of products and filters in 16 bits, for predicting in half the memory, and faster where the
    /// processor multiplies such numbers; the rest stays as it is.
    package mutating func narrow(to format: ElementFormat) {
        productFormat = format
        forEachParameter { parameter in
            if parameter.shape.count > 1 && parameter.count >= 1 << 12 { parameter.narrow(to: format) }
        }
    }

    /// Calls `body` with every parameter and buffer, in the order of the reference's state dict.
    package func forEachParameter(_ body: (Parameter) -> Void) {
        imageEncoder.forEachParameter(body)
        promptEncoder.forEachParameter(body)
        maskDecoder.forEachParameter(body)
    }
}
