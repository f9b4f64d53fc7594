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

    /// Larger and smaller than the model's input, wide, high, and of its size.
    @Test(arguments: [(150, 70), (40, 61), (64, 64), (9, 200)])
    func everyMaskIsThatOfTheWholePicture(height: Int, width: Int) throws {
        let model = try ReferenceModel.committed[0].model()
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
            return Found(
                rle: mask.rle, iou: mask.iouPrediction,
                stability: Float(logits.count { $0 > offset }) / Float(logits.count { $0 > -offset }))
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
