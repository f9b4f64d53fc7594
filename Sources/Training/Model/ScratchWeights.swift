private import Layers
package import SAM
private import Tensors

/// Random weights that a model learns from quickly, for training without a checkpoint.
///
/// From the reference's own initialisation a model must first find out that a prompt is about a place: for hundreds of
/// steps all masks stay empty. A few changes to the prompt encoder and mask decoder spare it that; names, shapes and the
/// function that the model computes are the reference's, and the image encoder is untouched but for the size of its
/// output. Of the channels of a place's encoding, the sines and cosines of some frequencies are set apart as place
/// channels (``PlaceChannels``).
/// - Attention between tokens and image compares place channels: a token then attends to the image around its own place,
///   and the image there to the token, wherever that is.
/// - What a prompt is (point, corner) and what the model's own tokens are stands in the other channels, which is also
///   where values are read from.
/// - The first self-attention, which replaces the tokens, leaves them nearly as they are.
/// - Masks begin empty, at a probability of about 2 %, as most pixels are no object (the prior of Lin et al., "Focal loss
///   for dense object detection", ICCV 2017, 4.1), instead of at 50 %.
package enum ScratchWeights {
    /// Factor of the positional encoding's random frequencies: how sharply places are told apart.
    private static let frequency: Float = 1.5
    /// What a place channel counts in queries and keys, and what the random rest does.
    private static let (placeGain, restGain): (Float, Float) = (2, 0.3)
    /// What place channels count in the values that the image reads from tokens, and all channels do.
    private static let (placeInValues, valueGain): (Float, Float) = (0.2, 2)
    /// Factor of the embeddings that tell points and corners apart.
    private static let roleGain: Float = 2
    /// Factor of the image embedding, so that places are heard beside it.
    private static let imageGain: Float = 0.5
    /// Factor of the last layers before the masks.
    private static let maskGain: Float = 2
    /// The logit that masks begin with.
    private static let emptyLogit: Float = -4

    /// A model with random weights; the same seed gives the same weights.
    package static func model(_ configuration: SAMConfiguration, seed: UInt64) -> SAMModel {
        let model = SAMModel(configuration, seed: seed)
        let channels = PlaceChannels(configuration)
        for parameter in model.parameters {
            prepareScales(parameter)
            prepareEmbeddings(parameter, channels)
            prepareAttention(parameter, channels)
            prepareMasks(parameter)
        }
        return model
    }

    private static func prepareScales(_ parameter: Parameter) {
        let factors: KeyValuePairs = [
            ".positional_encoding_gaussian_matrix": frequency, "image_encoder.neck.3.weight": imageGain,
        ]
        for (suffix, factor) in factors where parameter.name.hasSuffix(suffix) {
            parameter.value = parameter.value.scaled(by: factor)
        }
    }

    private static func prepareEmbeddings(_ parameter: Parameter, _ channels: PlaceChannels) {
        let isRole = parameter.name.contains(".point_embeddings.") || parameter.name.contains(".not_a_point_embed.")
        let isOwn = ["mask_decoder.iou_token.weight", "mask_decoder.mask_tokens.weight"].contains(parameter.name)
        guard isRole || isOwn else { return }
        parameter.withMutableElements { elements in
            for index in elements.indices {
                elements[index] *= channels.isPlace[index % channels.dim] ? 0 : isRole ? roleGain : 1
            }
        }
    }

    private static func prepareAttention(_ parameter: Parameter, _ channels: PlaceChannels) {
        let name = parameter.name
        guard name.hasPrefix("mask_decoder.transformer."), parameter.shape.count == 2 else { return }
        let isProjection = { (part: String) in name.hasSuffix(".\(part)_proj.weight") }
        if name.contains("_attn_token_to_image.") || name.contains("_attn_image_to_token.") {
            if isProjection("q") || isProjection("k") {
                parameter.value = parameter.value.scaled(by: restGain)
                parameter.withMutableElements { weight in
                    for (row, channel) in channels.byRow.enumerated() {
                        weight[row * channels.dim + channel] += placeGain
                    }
                }
            } else if name.contains("_attn_image_to_token.") {
                parameter.value = parameter.value.scaled(by: valueGain)
                if isProjection("v") {
                    parameter.withMutableElements { weight in
                        for index in weight.indices where channels.isPlace[index % channels.dim] {
                            weight[index] *= placeInValues
                        }
                    }
                }
            }
        } else if name.contains(".layers.0.self_attn.") {
            parameter.value = parameter.value.scaled(by: 0.1)
            parameter.withMutableElements { weight in
                for channel in 0..<channels.dim { weight[channel * (channels.dim + 1)] += 1 }
            }
        }
    }

    /// One of the filters' channels becomes a constant, and every mask's weight for it the logit of an empty mask.
    private static func prepareMasks(_ parameter: Parameter) {
        let isNetwork = parameter.name.hasPrefix("mask_decoder.output_hypernetworks_mlps.")
        let isUpscaling = parameter.name.hasPrefix("mask_decoder.output_upscaling.3.")
        guard isUpscaling || isNetwork && parameter.name.contains(".layers.2.") else { return }
        if parameter.name.hasSuffix(".weight") { parameter.value = parameter.value.scaled(by: maskGain) }
        if parameter.name.hasSuffix(".bias") {
            // GELU(1) is 0.84.
            parameter.withMutableElements { $0[0] = isUpscaling ? 1 : emptyLogit / 0.84 }
        }
    }
}
