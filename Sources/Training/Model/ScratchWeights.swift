private import Layers
package import SAM
private import Tensors

/// Random weights that a model learns from quickly, for training without a checkpoint.
///
/// The reference's initialisation, with two changes to the mask decoder and prompt encoder. Both make a token that
/// stands for a place attend to the image at that place from the first step; from the reference's own initialisation a
/// model has to find that out, which takes far longer than a small data set lasts.
/// - Of every attention between tokens and image, keys are projected as queries are: the scalar product of two places'
///   encodings is then largest where the places are the same.
/// - The places' frequencies are multiplied by `frequencyFactor`, so that this maximum is sharper.
package enum ScratchWeights {
    /// Factor of the positional encoding's random frequencies.
    static let frequencyFactor: Float = 2

    /// A model with random weights; the same seed gives the same weights.
    package static func model(_ configuration: SAMConfiguration, seed: UInt64) -> SAMModel {
        let model = SAMModel(configuration, seed: seed)
        let byName = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0) })
        for (name, parameter) in byName {
            if name.hasPrefix("mask_decoder.transformer."), name.contains("_to_"), name.contains(".k_proj."),
                let query = byName[name.replacing(".k_proj.", with: ".q_proj.")]
            {
                parameter.value = query.value
            }
            if name.hasSuffix(".positional_encoding_gaussian_matrix") {
                parameter.value = parameter.value.scaled(by: frequencyFactor)
            }
        }
        return model
    }
}
