import JSONText
import Layers
import Masks
import SAM
import Tensors
import Training

/// A training step of the small model as the trainer makes it with the recipe of `samples/nuclei`: one image, 16 objects.
struct RecipeTrainingCase: BenchCase {
    static let group = "training"
    static let all = [RecipeTrainingCase()]

    /// Three of four objects are asked for by their box.
    private let boxes = 12
    /// The others are asked for by a point.
    private let points = 4
    private let weights = LossWeights(focal: 0, dice: 1, iou: 0.2, bce: 5)
    private let clip = 1.0
    private var configuration: SAMConfiguration { SAMConfiguration.Preset.nano.configuration }

    var title: String { "nano" }
    var detail: String {
        "training step by the recipe of samples/nuclei, \(boxes) box and \(points) point prompts, "
            + "\(configuration.imageSize) x \(configuration.imageSize)"
    }
    var peerRequest: JSONValue {
        .request("recipe_training", ["boxes_count": boxes, "points_count": points])
            .with("model", configuration.json)
            .with("focal_weight", .number(Double(weights.focal))).with("dice_weight", .number(Double(weights.dice)))
            .with("bce_weight", .number(Double(weights.bce))).with("iou_weight", .number(Double(weights.iou)))
            .with("clip", .number(clip))
    }

    func prepare() throws -> () throws -> Void {
        let model = SAMModel(configuration)
        let gradients = GradientBatch(model, objective: MaskObjective(weights: weights))
        let example = try example()
        let parameters = model.parameters.filter(\.isTrainable)
        var optimizer = Optimizer(parameters, configuration: TrainingConfiguration())
        let clip = clip
        return {
            for parameter in parameters { parameter.gradient = nil }
            _ = try gradients.accumulate([example], objectsInStep: Double(example.objects.count))
            optimizer.step(
                learningRate: 1e-5,
                gradientScale: GradientNorm.clippingFactor(norm: GradientNorm.global(of: parameters), maximum: clip))
        }
    }

    /// An image of noise with rectangles as objects.
    private func example() throws -> TrainingExample {
        let size = configuration.imageSize
        let side = configuration.lowResSize
        let cell = Double(size) / Double(side)
        let objects = try (0..<boxes + points).map { index -> TrainingObject in
            let box = Box(x: Double(8 + 10 * index), y: Double(12 + 8 * index), width: 24, height: 18)
            let mask = try RLE(height: size, width: size, box: box)
            let prompt =
                index < boxes
                ? Prompt(box: box) : Prompt(points: [Prompt.Point(x: box.x + 12, y: box.y + 9)])
            return TrainingObject(
                prompt: prompt,
                target: MaskCoverage(of: mask, height: side, width: side, cellHeight: cell, cellWidth: cell),
                label: mask)
        }
        return TrainingExample(
            imageID: "noise", image: .pixels(.benchOperand([1, size, size, 3])),
            frame: ImageFrame(height: size, width: size, imageSize: size), objects: objects)
    }
}
