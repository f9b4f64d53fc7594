import Layers
import Masks
import SAM
import Tensors
import Training

/// Small models of every family, and their answers.
enum AdapterFixture {
    /// A name, and a model that is small enough to be asked hundreds of times.
    static let families = ["vit", "tiny", "plain", "hq"]

    static func configuration(_ family: String) -> SAMConfiguration {
        var configuration = TrainingFixture.configuration
        switch family {
        case "tiny":
            var vit = TinyViTConfiguration()
            vit.imageSize = 64
            vit.embedDims = [8, 8, 12, 16]
            vit.depths = [1, 2, 1, 1]
            vit.numHeads = [1, 2, 2, 2]
            vit.windowSizes = [3, 3, 2, 2]
            vit.mlpRatio = 2
            vit.mbconvExpandRatio = 2
            vit.promptEmbedDim = 16
            vit.numClasses = 3
            configuration.encoder = .tinyViT(vit)
        case "plain":
            var vit = PlainViTConfiguration()
            vit.imageSize = 32
            vit.patchSize = 8
            vit.embedDim = 16
            vit.depth = 2
            vit.numHeads = 2
            vit.mlpDim = 32
            vit.positionGridSize = 3
            configuration.encoder = .plainViT(vit)
            configuration.family = .efficientSAM
        case "hq": configuration.family = .samHQ
        default: break
        }
        return configuration
    }

    static func model(_ family: String) -> SAMModel {
        let model = SAMModel(configuration(family), seed: 2)
        // Heads of masks and IoUs that say something.
        for parameter in model.parameters where parameter.name.contains("rel_pos") {
            parameter.withMutableElements { values in
                for index in values.indices { values[index] = Float(index % 5) * 0.02 - 0.04 }
            }
        }
        return model
    }

    /// Masks and predicted IoUs of a box and a point in a picture.
    static func answer(_ model: SAMModel, isCheckpointing: Bool = false) -> [Tensor] {
        let side = model.configuration.imageSize
        let pixels = WeightInitializer(seed: 9).normal("pixels", shape: [1, side, side, 3]).value
        let image = model.imageEncoder(pixels, isCheckpointing: isCheckpointing)
        let frame = ImageFrame(height: side, width: side, imageSize: side)
        let middle = Double(side) / 2
        let prompts = [
            Prompt(box: Box(x: 2, y: 3, width: middle, height: middle)),
            Prompt(points: [Prompt.Point(x: middle, y: middle - 3)]),
        ]
        return prompts.flatMap { prompt -> [Tensor] in
            let output = model.masks(
                image: image, imagePosition: model.promptEncoder.densePositionalEncoding(),
                prompts: PromptBatch([prompt], in: frame, lowResSize: model.configuration.lowResSize),
                multimaskOutput: model.configuration.wantsSeveralMasks(for: prompt))
            return [output.lowResMasks, output.iouPredictions]
        }
    }

    /// Adapters with a B that is not zero.
    static func parameters(
        _ model: SAMModel, targets: [String], rank: Int = 2, isStirred: Bool = true
    ) throws -> TrainedParameters {
        var configuration = TrainingConfiguration()
        configuration.loraRank = rank
        configuration.loraTargets = targets
        let parameters = try TrainedParameters(model, configuration: configuration)
        if isStirred {
            for update in parameters.updates {
                let b = update.update.b
                b.value = WeightInitializer(seed: 4).normal(b.name, shape: b.shape, deviation: 0.3).value
            }
        }
        return parameters
    }
}
