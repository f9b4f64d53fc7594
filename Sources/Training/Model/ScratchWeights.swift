private import Layers
package import SAM
private import Tensors

/// Random weights that a model learns from quickly, for training without a checkpoint.
///
/// From the reference's own initialisation a model must first find out that a prompt is about a place: for hundreds of
/// steps all masks stay empty. A few changes spare it that; names, shapes and the function that the model computes are
/// the reference's, and the image encoder is untouched but for the size of its output.
/// - Of the channels of a place's encoding some are compared by attention (`PlaceAttention`). Tokens attend to the
///   image around their own place. The image attends in the first layer to tokens on each of its sides, later to those
///   near by.
/// - What a prompt is (point, corner), what the model's own tokens are and what is seen in the image begin in the other
///   channels, which is also where values are read from.
/// - The first self-attention, which replaces the tokens, leaves them nearly as they are.
/// - Masks begin empty, at a probability of about 2 %, as most pixels are no object (the prior of Lin et al., "Focal loss
///   for dense object detection", ICCV 2017, 4.1), instead of at 50 %.
package enum ScratchWeights {
    /// Factor of the positional encoding's random frequencies: how sharply places are told apart.
    private static let frequency: Float = 1.5
    /// What a place channel counts in queries and keys: where nearness and where sides are compared.
    private static let (nearGain, sideGain): (Float, Float) = (2, 2.5)
    /// What is left of the random rest of queries and keys.
    private static let restGain: Float = 0.1
    /// What place channels count in the values that the image reads from tokens, and all channels do.
    private static let (placeInValues, valueGain): (Float, Float) = (0.2, 1.2)
    /// Factor of the embeddings that tell points and corners apart.
    private static let roleGain: Float = 2
    /// Factors of the image embedding: in place channels, so that places are heard beside it, and in the others.
    private static let (imageGainInPlaces, imageGain): (Float, Float) = (0.075, 1.5)
    /// Factor of the last layers before the masks.
    private static let maskGain: Float = 2
    /// The logit that masks begin with.
    private static let emptyLogit: Float = -4

    /// A model with random weights; the same seed gives the same weights.
    package static func model(_ configuration: SAMConfiguration, seed: UInt64) -> SAMModel {
        let model = SAMModel(configuration, seed: seed)
        let places = PlaceAttention(configuration)
        for parameter in model.parameters {
            let part = parameter.name.split(separator: ".", maxSplits: 2).prefix(2).joined(separator: ".")
            switch part {
            case "image_encoder.neck" where parameter.name.hasSuffix("neck.3.weight"):
                parameter.withMutableElements { weights in
                    for index in weights.indices {
                        weights[index] = places.isPlace(index) ? imageGainInPlaces : imageGain
                    }
                }
            case "prompt_encoder.pe_layer":
                scale(parameter, by: frequency)
                parameter.withMutableElements { places.setHarmonics(in: $0) }
            case "prompt_encoder.point_embeddings", "prompt_encoder.not_a_point_embed":
                scale(parameter, by: roleGain)
                scale(parameter, by: 0) { places.isPlace($0 % places.dim) }
            case "mask_decoder.iou_token", "mask_decoder.mask_tokens":
                scale(parameter, by: 0) { places.isPlace($0 % places.dim) }
            case "mask_decoder.transformer" where parameter.shape.count == 2: prepareAttention(parameter, places)
            case "mask_decoder.output_upscaling" where parameter.name.contains(".3."):
                prepareMasks(parameter, constant: 1)
            case "mask_decoder.output_hypernetworks_mlps" where parameter.name.contains(".layers.2."):
                // GELU(1), the constant channel, is 0.84.
                prepareMasks(parameter, constant: emptyLogit / 0.84)
            default: break
            }
        }
        return model
    }

    private static func prepareAttention(_ parameter: Parameter, _ places: PlaceAttention) {
        let name = parameter.name
        let isImageToToken = name.contains("_attn_image_to_token.")
        switch name.split(separator: ".").dropLast().last {
        case "q_proj" where isImageToToken || name.contains("_attn_token_to_image."),
            "k_proj" where isImageToToken || name.contains("_attn_token_to_image."):
            let isSide = isImageToToken && name.contains(".layers.0.")
            scale(parameter, by: restGain)
            parameter.withMutableElements { weight in
                for entry in places.entries(
                    isSide ? .side : .near, isKey: name.contains(".k_proj."), gain: isSide ? sideGain : nearGain)
                {
                    weight[entry.row * places.dim + entry.channel] += entry.weight
                }
            }
        case "v_proj" where isImageToToken:
            scale(parameter, by: valueGain)
            scale(parameter, by: placeInValues) { places.isPlace($0 % places.dim) }
        case "out_proj" where isImageToToken: scale(parameter, by: valueGain)
        case .some where name.contains(".layers.0.self_attn."):
            // Nearly the identity.
            scale(parameter, by: 0.1)
            parameter.withMutableElements { weight in
                for channel in 0..<places.dim { weight[channel * (places.dim + 1)] += 1 }
            }
        default: break
        }
    }

    /// The first of the filters' channels becomes a constant, which each mask has a weight for.
    private static func prepareMasks(_ parameter: Parameter, constant: Float) {
        if parameter.shape.count > 1 {
            scale(parameter, by: maskGain)
        } else {
            parameter.withMutableElements { $0[0] = constant }
        }
    }

    /// Multiplies the elements that `isChosen` takes by their index, all of them unless it is given.
    private static func scale(
        _ parameter: Parameter, by factor: Float, where isChosen: (Int) -> Bool = { _ in true }
    ) {
        parameter.withMutableElements { elements in
            for index in elements.indices where isChosen(index) { elements[index] *= factor }
        }
    }
}
