internal import Layers

/// What every part of a TinyViT is made with.
struct TinyViTParts {
    let configuration: TinyViTConfiguration
    /// Of all normalisations.
    let batchStatistics: BatchStatisticsSwitch
    let initializer: WeightInitializer

    func convolution(
        _ name: String, _ kind: ConvolutionBN.Kind, _ inputs: Int, _ outputs: Int, initialWeight: Float = 1
    ) -> ConvolutionBN {
        ConvolutionBN(
            name, kind, inputs: inputs, outputs: outputs, initialWeight: initialWeight,
            batchStatistics: batchStatistics, from: initializer)
    }
}
