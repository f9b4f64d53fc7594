import Foundation
import Images
import Masks
import SAM
import TestSupport
import Testing

/// The generator against the slow way: every mask at the size of the image, its logits counted one by one.
@Suite struct AutomaticMaskReferenceTests {
    /// What the slow way finds at one point.
    private struct Found {
        let rle: RLE
        let iou: Float
        let stability: Float
    }

    private static func image(height: Int, width: Int) -> RGBImage {
        RGBImage(
            height: height, width: width,
            pixels: (0..<height * width * 3).map { UInt8(truncatingIfNeeded: ($0 / 3 % width) &* 5 ^ ($0 / 90)) })
    }

    /// Larger and smaller than the model's input, wide, high, and of its size; and by the recipes of other families.
    @Test(arguments: [
        (150, 70, PreprocessingRecipe.sam), (40, 61, .sam), (64, 64, .sam), (9, 200, .sam), (40, 61, .medSAM),
        (40, 61, .efficientSAM),
    ])
    func everyMaskIsThatOfTheWholePicture(height: Int, width: Int, recipe: PreprocessingRecipe) throws {
        let model = try SAMCheckpoint.read(
            Repository.fixture("SAM/windowed/weights.safetensors"), options: CheckpointOptions(preprocessing: recipe))
        let image = Self.image(height: height, width: width)
        var predictor = SAMPredictor(model: model)
        predictor.setImage(image)
        let offset: Float = 0.25
        let frame = predictor.preprocessing.frame(height: height, width: width)
        let prompts = PointGrid.regular(side: 3).map {
            Prompt(points: [Prompt.Point(x: $0.x * Double(width), y: $0.y * Double(height))])
        }
        let expected = try predictor.predict(prompts, multimaskOutput: true).joined().map { mask in
            let logits = predictor.preprocessing.logits(mask.lowResLogits, frame: frame)
            // Of MedSAM's recipe these are probabilities less a half, and so are the thresholds.
            let bound = recipe == .medSAM ? 1 / (1 + exp(-offset)) - 0.5 : offset
            return Found(
                rle: mask.rle, iou: mask.iouPrediction,
                stability: Float(logits.count { $0 > bound }) / Float(logits.count { $0 > -bound }))
        }
        var options = AutomaticMaskOptions()
        options.pointsPerSide = 3
        options.predIoUThresh = 0
        options.stabilityScoreThresh = 0
        options.stabilityScoreOffset = Double(offset)
        // Nothing overlaps more than wholly.
        options.boxNMSThresh = 2
        var generator = try AutomaticMaskGenerator(model: model, options: options)
        let found = try generator.masks(of: image)
        let order = expected.indices.sorted {
            expected[$0].iou != expected[$1].iou ? expected[$0].iou > expected[$1].iou : $0 < $1
        }
        #expect(found.count == 27)
        #expect(found.map(\.rle) == order.map { expected[$0].rle })
        #expect(found.map(\.predictedIoU) == order.map { expected[$0].iou })
        #expect(
            zip(found.map(\.stabilityScore), order.map { expected[$0].stability }).allSatisfy {
                $0 == $1 || ($0.isNaN && $1.isNaN)
            })
    }
}
