import JSONText
import Layers
import Masks
import SAM
import Tensors
import Training

/// Training of the mask decoder alone on embeddings that are cached: a step an image, each with 8 objects that are asked for in
/// 8 rounds, as micro-sam trains.
///
/// Of an epoch of 64 images two are measured, one asked for with points and one with boxes first: all steps are alike, and
/// the peer takes half a minute for these.
struct DecoderEpochCase: BenchCase {
    static let group = "decoder-epoch"
    static let all = [DecoderEpochCase(precision: .f32), DecoderEpochCase(precision: .bf16)]

    let precision: Precision
    /// Steps of one run.
    private let images = 2
    private let objects = 8

    private var configuration: SAMConfiguration { .decoderAlone }
    private var training: TrainingConfiguration {
        var training = TrainingConfiguration()
        training.prompts = .microSAM
        training.loss = LossWeights(focal: 0, dice: 1, iou: 1)
        training.precision = precision
        return training
    }

    var title: String { precision == .f32 ? "vit_b" : "vit_b-\(precision)" }
    var detail: String {
        "2 of the 64 steps of an epoch on cached images: vit_b's mask decoder, \(objects) objects in 8 rounds of prompts"
            + (precision == .f32 ? "" : ", in \(precision)")
    }
    var peerRequest: JSONValue {
        .request("decoder_epoch", ["images": images, "objects": objects, "rounds": 8])
            .with("model", configuration.json).with("mask_probability", .number(training.maskProbability))
            .with("precision", .string(precision.rawValue))
    }

    func prepare() throws -> () throws -> Void {
        let training = training
        let model = SAMModel(configuration)
        model.imageEncoder.setTrainable(false)
        model.promptEncoder.setTrainable(false)
        let gradients = try GradientBatch(model, configuration: training)
        let parameters = model.maskDecoder.parameters
        var optimizer = Optimizer(parameters, configuration: training)
        let examples = try (0..<images).map(example)
        return {
            for example in examples {
                for parameter in parameters { parameter.gradient = nil }
                _ = try gradients.accumulate([example], objectsInStep: Double(example.objects.count))
                optimizer.step(learningRate: 1e-5)
            }
        }
    }

    /// An image of noise with discs as objects, none touching the next: points for all of them, or boxes, in turn.
    private func example(_ index: Int) throws -> TrainingExample {
        let (size, side, grid) = (configuration.imageSize, configuration.lowResSize, configuration.gridSize)
        let cell = Double(size) / Double(side)
        let columns = Int(Double(objects).squareRoot().rounded(.up))
        let pitch = Double(size) / Double(columns)
        let objects = (0..<objects).map { object -> TrainingObject in
            let (x, y) = ((Double(object % columns) + 0.5) * pitch, (Double(object / columns) + 0.5) * pitch)
            let radius = 0.35 * pitch
            let mask = RLE(
                Bitmap(height: size, width: size) { pixels in
                    for row in 0..<size {
                        for column in 0..<size {
                            let (dx, dy) = (Double(column) + 0.5 - x, Double(row) + 0.5 - y)
                            if dx * dx + dy * dy <= radius * radius { pixels[row * size + column] = 1 }
                        }
                    }
                })
            return TrainingObject(
                prompt: index % 2 == 1 ? Prompt(box: mask.boundingBox) : Prompt(points: [Prompt.Point(x: x, y: y)]),
                target: MaskCoverage(of: mask, height: side, width: side, cellHeight: cell, cellWidth: cell),
                label: mask,
                stream: UInt64(index * 64 + object))
        }
        let embedding = Tensor.benchOperand([1, grid, grid, configuration.promptEmbedDim])
        return TrainingExample(
            imageID: "noise-\(index)", image: .features(ImageFeatures(embedding: embedding)),
            frame: ImageFrame(height: size, width: size, imageSize: size), objects: objects, stream: UInt64(index))
    }
}
