import Foundation
import Images
import JSONText
import Layers
import Runtime
import SAM
import Tensors

/// Segmenting everything in one image: encoding it, asking for 32 x 32 points, filtering, and the masks' run lengths.
///
/// Both sides have the same weights, image and thresholds. The weights are random, but for what gives random masks the
/// ways of real ones: they are smooth (the transposed convolutions spread each cell evenly), sure of themselves (the
/// last layers before the masks are scaled up), and about a fifth of them passes the threshold of predicted IoU.
struct AutomaticMaskCase: BenchCase {
    static let group = "automatic-masks"
    static let all = [AutomaticMaskCase(title: "vit_t", configuration: SAMConfiguration.Preset.vitT.configuration)]

    /// What distinguishes the model.
    let title: String
    /// The model's dimensions.
    let configuration: SAMConfiguration

    private static let side = 1024
    private static var options: AutomaticMaskOptions {
        var options = AutomaticMaskOptions()
        options.predIoUThresh = 0.88
        options.stabilityScoreThresh = 0.6
        return options
    }

    var detail: String {
        "all masks of a \(Self.side) x \(Self.side) image, 32 x 32 points, \(configuration.modelName)"
    }
    var peerRequest: JSONValue {
        .request("automatic_masks", ["side": Self.side]).with("model", configuration.json)
            .with("pred_iou_thresh", .number(Self.options.predIoUThresh))
            .with("stability_score_thresh", .number(Self.options.stabilityScoreThresh))
            .with("weights", .string(weightsPath))
    }

    /// Where our side, which is started first, leaves the weights for the peer.
    private var weightsPath: String { PeerEnvironment.home + "/automatic-masks-\(title).safetensors" }

    func prepare() throws -> () throws -> Void {
        let model = SAMModel(configuration, seed: 0)
        Self.makeMasksPlausible(model)
        let image = Self.image()
        let share = try Self.shiftPredictions(of: model, image: image)
        precondition((0.1...0.35).contains(share), "a share of \(share) of the masks passes the threshold")
        try FileSystem.createDirectory(PeerEnvironment.home)
        try SAMCheckpoint.write(model, to: weightsPath)
        var generator = try AutomaticMaskGenerator(model: model, options: Self.options)
        return {
            let masks = try generator.masks(of: image)
            guard !masks.isEmpty else { throw BenchError(.answer, "no mask was found") }
        }
    }

    /// Slow waves of three colours: the peer makes the same.
    private static func image() -> RGBImage {
        RGBImage(
            height: side, width: side,
            pixels: (0..<side * side * 3).map { offset in
                let (pixel, channel) = (offset / 3, Double(offset % 3))
                let (y, x) = (Double(pixel / side), Double(pixel % side))
                return UInt8(127.5 + 120 * sin(x * (0.013 + 0.004 * channel)) * cos(y * (0.017 - 0.003 * channel)))
            })
    }

    private static func makeMasksPlausible(_ model: SAMModel) {
        for parameter in model.parameters where parameter.name.hasPrefix("mask_decoder.") {
            if parameter.name.contains("output_upscaling"), parameter.shape.count == 4 {
                // [inputs, outputs, 2, 2]: the mean of each four.
                parameter.withMutableElements { elements in
                    for first in stride(from: 0, to: elements.count, by: 4) {
                        let mean = elements[first..<first + 4].reduce(0, +) / 2
                        for index in first..<first + 4 { elements[index] = mean }
                    }
                }
            } else if parameter.name.contains("hypernetworks"), parameter.name.contains("layers.2.") {
                parameter.withMutableElements { elements in
                    for index in elements.indices { elements[index] *= 400 }
                }
            }
        }
    }

    /// Moves the predicted IoU so that a fifth of the masks passes; returns the share that does.
    private static func shiftPredictions(of model: SAMModel, image: RGBImage) throws -> Double {
        var predictor = SAMPredictor(model: model)
        predictor.setImage(image)
        let points = PointGrid.regular(side: 8).map {
            Prompt.Point(x: $0.x * Double(side), y: $0.y * Double(side))
        }
        let predictions = try predictor.multimaskOutput(of: points).iouPredictions.values.sorted(by: >)
        let threshold = predictions[predictions.count / 5]
        for parameter in model.parameters where parameter.name == "mask_decoder.iou_prediction_head.layers.2.bias" {
            parameter.withMutableElements { elements in
                for index in elements.indices { elements[index] += Float(options.predIoUThresh) - threshold }
            }
        }
        let passed = predictions.count { $0 > threshold }
        return Double(passed) / Double(predictions.count)
    }
}
