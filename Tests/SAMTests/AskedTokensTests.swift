import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// The last attention is that of the tokens that somebody asks for: whoever asks for one mask is answered as who asks for all.
@Suite struct AskedTokensTests {
    private static func random(_ shape: [Int], _ seed: UInt64) -> Tensor {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("asked tokens"))
        return Tensor((0..<shape.reduce(1, *)).map { _ in Float(random.uniform(-1..<1)) }, shape: shape)
    }

    private static func points(_ prompt: Int) -> [PromptBatch.Point] {
        (0..<3).map { point in
            let (x, y) = (19 * prompt + 7 * point, 90 - 17 * prompt - 9 * point)
            return PromptBatch.Point(x: Float(x), y: Float(y), label: point == 2 ? .background : .foreground)
        }
    }

    private struct Answer {
        /// [P, M, L, L]
        let masks: Tensor
        /// [P, M]
        let iou: Tensor
        /// Of all parameters that have one, and of the embedding, for seeds of the masks 1..<3.
        let gradients: [(name: String, values: [Float])]
    }

    /// What the decoder answers to prompts of three points when `masks` are asked for.
    private static func answer(_ model: SAMModel, _ masks: Range<Int>) -> Answer {
        let (grid, dim, prompts) = (model.configuration.gridSize, model.configuration.promptEmbedDim, 3)
        for parameter in model.parameters { parameter.gradient = nil }
        let batch = PromptBatch(points: (0..<prompts).map(points))
        let embedding = random([1, grid, grid, dim], 1).asLeaf()
        let output = model.maskDecoder(
            image: ImageFeatures(embedding: embedding), imagePosition: model.promptEncoder.densePositionalEncoding(),
            prompts: model.promptEncoder(batch), noMask: random([dim], 2), masks: masks)
        let side = 4 * grid
        let wanted = 1 - masks.lowerBound..<3 - masks.lowerBound
        backward([
            (output.lowResMasks.sliced(axis: 1, range: wanted), random([prompts, 2, side, side], 3)),
            (output.iouPredictions.sliced(axis: 1, range: wanted), random([prompts, 2], 4)),
        ])
        let gradients = model.parameters.compactMap { parameter in
            parameter.gradient.map { (parameter.name, $0.values) }
        }
        return Answer(
            masks: output.lowResMasks, iou: output.iouPredictions,
            gradients: [("embedding", embedding.gradient?.values ?? [])] + gradients)
    }

    private static func expectClose(_ found: [Float], _ expected: [Float], _ name: String) {
        let scale = expected.reduce(Float(1e-4)) { max($0, abs($1)) }
        let isClose =
            found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-4 * scale }
        #expect(isClose, "\(name)")
    }

    @Test func masksDoNotDependOnWhichAreAskedFor() throws {
        let model = SAMModel(SAMConfiguration.Preset.nano.configuration, seed: 11)
        let all = Self.answer(model, 0..<4)
        #expect(all.masks.shape[1] == 4 && all.iou.shape == [3, 4])
        for masks in [1..<3, 0..<3, 1..<4] {
            let some = Self.answer(model, masks)
            Self.expectClose(
                some.masks.values, all.masks.sliced(axis: 1, range: masks).values, "masks \(masks)")
            Self.expectClose(some.iou.values, all.iou.sliced(axis: 1, range: masks).values, "IoU of \(masks)")
            // Networks of masks that nobody asked for have no gradient, or zeros.
            var expected = Dictionary(uniqueKeysWithValues: all.gradients.map { ($0.name, $0.values) })
            #expect(some.gradients.count > 50)
            for (name, values) in some.gradients {
                let known = expected.removeValue(forKey: name)
                let wanted = try #require(known, "\(name)")
                Self.expectClose(values, wanted, name)
            }
            for (name, values) in expected { #expect(values.allSatisfy { $0 == 0 }, "\(name)") }
        }
    }
}
