import Checkpoints
import Images
import Masks
import SAM
import Tensors
import TestSupport
import Testing

/// From pixels to masks of the image's size, against the reference implementation.
@Suite struct PredictionTests {
    static let shapes = ["landscape", "portrait", "small", "same"]

    private static func image(_ tensor: StateTensor) -> RGBImage {
        RGBImage(height: tensor.shape[0], width: tensor.shape[1], pixels: tensor.withBytes { Array($0) })
    }

    @Test func preprocessingAgrees() throws {
        try Self.checkPreprocessing(Repository.fixture("SAM/preprocessing.safetensors"))
    }

    static func checkPreprocessing(_ path: String) throws {
        let stored = try SafeTensors.read(path)
        var configuration = SAMConfiguration()
        configuration.vit.imageSize = 64
        configuration.vit.patchSize = 8
        let preprocessing = SAMPreprocessing(configuration)
        for name in shapes {
            let image = Self.image(try #require(stored[name + ".pixels"]))
            let frame = preprocessing.frame(height: image.height, width: image.width)
            let normalised = try #require(stored[name + ".normalised"])
            #expect([frame.scaledHeight, frame.scaledWidth, 3] == normalised.shape, "\(name)")

            // The padding is zero, the rest the reference's numbers.
            let input = preprocessing.input(image)
            #expect(input.shape == [1, 64, 64, 3])
            let values = input.values
            let expected = normalised.floats()
            for row in 0..<64 {
                for column in 0..<64 {
                    for channel in 0..<3 {
                        let found = values[(row * 64 + column) * 3 + channel]
                        let isImage = row < frame.scaledHeight && column < frame.scaledWidth
                        let wanted = isImage ? expected[(row * frame.scaledWidth + column) * 3 + channel] : 0
                        if abs(found - wanted) > 1e-6 { Issue.record("\(name) \(row) \(column): \(found) \(wanted)") }
                    }
                }
            }

            let places = try #require(stored[name + ".coordinates"]).floats()
            let transformed = try #require(stored[name + ".transformed"]).floats()
            for index in stride(from: 0, to: places.count, by: 2) {
                #expect(abs(Float(Double(places[index]) * frame.scaleX) - transformed[index]) < 1e-4, "\(name)")
                #expect(abs(Float(Double(places[index + 1]) * frame.scaleY) - transformed[index + 1]) < 1e-4, "\(name)")
            }

            let low = try #require(stored[name + ".low_res"]).floats()
            let full = try #require(stored[name + ".logits"]).floats()
            let count = image.height * image.width
            for mask in 0..<2 {
                let found = preprocessing.logits(low[mask * 1024..<(mask + 1) * 1024], frame: frame)
                #expect(relativeError(found, Array(full[mask * count..<(mask + 1) * count])) < 1e-5, "\(name)")
            }
        }
    }

    /// A pixel of mid grey, as section 7 of the anchors demands: normalised once, on the scale 0...255.
    @Test func midGreyIsNormalisedOnce() {
        var configuration = SAMConfiguration()
        configuration.vit.imageSize = 16
        let image = RGBImage(height: 16, width: 16, pixels: [UInt8](repeating: 128, count: 768))
        let values = SAMPreprocessing(configuration).input(image).values
        for (found, wanted) in zip(values, [0.07406, 0.20518, 0.42643] as [Float]) {
            #expect(abs(found - wanted) < 1e-4)
        }
    }

    @Test(arguments: ReferenceModel.committed)
    func predictorAgrees(reference: ReferenceModel) throws { try Self.checkPredictor(reference) }

    static func checkPredictor(_ reference: ReferenceModel) throws {
        let stored = try reference.file("predictor")
        let image = Self.image(try #require(stored["pixels"]))
        var predictor = SAMPredictor(model: try reference.model())
        predictor.setImage(image)
        let points = try #require(stored["points"]).floats().map(Double.init)
        let labels = try #require(stored["labels"]).floats()
        let box = try #require(stored["box"]).floats().map(Double.init)
        let prompt = Prompt(
            points: labels.indices.map {
                Prompt.Point(x: points[2 * $0], y: points[2 * $0 + 1], isForeground: labels[$0] == 1)
            },
            box: Box(x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1]))
        let masks = try #require(predictor.predict([prompt], multimaskOutput: true).first)
        let lowRes = try #require(stored["low_res_masks"])
        #expect(masks.count == lowRes.shape[0])
        #expect(relativeError(masks.flatMap(\.lowResLogits), lowRes.floats()) < ParityTests.forwardTolerance)
        let ious = try #require(stored["iou_predictions"]).floats()
        #expect(relativeError(masks.map(\.iouPrediction), ious) < ParityTests.forwardTolerance)
        // The mask is the sign of the logits, but for those that rounding decides.
        let logits = try #require(stored["logits"]).floats()
        let pixels = masks.flatMap(\.bitmap.pixels)
        #expect(pixels.count == logits.count)
        #expect(zip(pixels, logits).allSatisfy { abs($1) < 1e-4 || ($0 == 1) == ($1 > 0) })
        #expect(pixels.contains(0) && pixels.contains(1))
    }

    private static func nano(seed: UInt64 = 5) -> SAMModel {
        var configuration = SAMConfiguration.Preset.nano.configuration
        configuration.vit.imageSize = 64
        configuration.vit.depth = 2
        configuration.vit.globalAttentionIndexes = [1]
        return SAMModel(configuration, seed: seed)
    }

    private static let picture = RGBImage(
        height: 40, width: 50, pixels: (0..<6000).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ ($0 >> 3)) })

    /// A rounded box of another program may end a little outside; one that is elsewhere may not.
    @Test func boxesMayReachOverTheEdgeByAPixel() throws {
        for (x, y, width, height) in [(-0.6, 0, 20, 20), (0, -1, 50.5, 20), (30, 20, 20.4, 20.02), (0, 0, 50, 40)]
            as [(Double, Double, Double, Double)]
        {
            try Prompt(box: Box(x: x, y: y, width: width, height: height)).validate(height: 40, width: 50)
        }
        for (x, y, width, height) in [(-1.5, 0, 20, 20), (30, 20, 21.5, 10), (0, 0, 50, 41.25), (60, 0, 5, 5)]
            as [(Double, Double, Double, Double)]
        {
            #expect(throws: SAMError.self) {
                try Prompt(box: Box(x: x, y: y, width: width, height: height)).validate(height: 40, width: 50)
            }
        }
    }

    /// Prompts of several kinds in one call come back in their order, as if asked one by one.
    @Test func mixedPromptsAreAnsweredInOrder() throws {
        var predictor = SAMPredictor(model: Self.nano())
        predictor.setImage(Self.picture)
        let box = Box(x: 5, y: 5, width: 20, height: 12)
        let earlier = try predictor.predict([Prompt(box: box)], multimaskOutput: false)[0][0]
        let prompts = [
            Prompt(points: [.init(x: 3, y: 4)]), Prompt(box: box),
            Prompt(points: [.init(x: 30, y: 20)]),
            Prompt(points: [.init(x: 3, y: 4), .init(x: 9, y: 9, isForeground: false)], box: box),
            Prompt(box: box, mask: earlier.lowResLogits), Prompt(), Prompt(),
        ]
        let together = try predictor.predict(prompts, multimaskOutput: true)
        for (prompt, masks) in zip(prompts, together) {
            let alone = try #require(predictor.predict([prompt], multimaskOutput: true).first)
            #expect(masks.count == 3 && alone.count == 3)
            for (a, b) in zip(masks, alone) {
                #expect(relativeError(a.lowResLogits, b.lowResLogits) < 1e-5)
                #expect(a.bitmap.height == 40 && a.bitmap.width == 50)
            }
        }
        let best = try predictor.predictBest(prompts)
        #expect(best.count == prompts.count)
        #expect(best[0].iouPrediction == together[0].map(\.iouPrediction).max())
        #expect(best[1].lowResLogits == earlier.lowResLogits)
    }

    /// More prompts than one batch holds.
    @Test func manyPromptsAreAnswered() throws {
        var predictor = SAMPredictor(model: Self.nano())
        predictor.setImage(Self.picture)
        let prompts = (0..<37).map { Prompt(points: [.init(x: Double($0), y: 10)]) }
        let masks = try predictor.predict(prompts, multimaskOutput: false)
        #expect(masks.allSatisfy { $0.count == 1 })
        let last = try predictor.predict([prompts[36]], multimaskOutput: false)
        #expect(relativeError(masks[36][0].lowResLogits, last[0][0].lowResLogits) < 1e-5)
    }

    @Test(arguments: [
        Prompt(points: [.init(x: -0.1, y: 3)]), Prompt(points: [.init(x: 3, y: 40.5)]),
        Prompt(points: [.init(x: .nan, y: 3)]), Prompt(box: Box(x: 0, y: 0, width: 52, height: 4)),
        Prompt(box: Box(x: 3, y: 3, width: 0, height: 4)),
        Prompt(box: Box(x: .nan, y: 3, width: 1, height: 4)),
        Prompt(mask: [0]),
    ])
    func impossiblePromptsAreRefused(prompt: Prompt) {
        var predictor = SAMPredictor(model: Self.nano())
        predictor.setImage(Self.picture)
        let error = #expect(throws: SAMError.self) { try predictor.predict([prompt], multimaskOutput: true) }
        #expect(error?.code == .prompt)
    }
}
