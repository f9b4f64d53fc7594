import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// A decoder as wide as SAM's, where many prompts share what they can of the image in the first layer: the same answers and
/// gradients as from prompts one at a time, which share nothing.
@Suite struct SharedImageTests {
    private static func configuration(_ family: SAMConfiguration.Family = .sam) -> SAMConfiguration {
        var configuration = SAMConfiguration()
        configuration.family = family
        configuration.vit.imageSize = 96
        configuration.vit.embedDim = 8
        configuration.vit.mlpDim = 8
        configuration.vit.numHeads = 1
        configuration.vit.depth = 1
        configuration.vit.globalAttentionIndexes = []
        configuration.transformerMLPDim = 64
        return configuration
    }

    private static let prompts = 8

    private static func random(_ shape: [Int], _ seed: UInt64) -> Tensor {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("shared image"))
        return Tensor((0..<shape.reduce(1, *)).map { _ in Float(random.uniform(-1..<1)) }, shape: shape)
    }

    private static func batch(_ range: Range<Int>, hasMasks: Bool, points: Int, side: Int) -> PromptBatch {
        let all = random([prompts, side, side], 1).scaled(by: 6)
        return PromptBatch(
            points: range.map { prompt in
                (0..<points).map { point in
                    PromptBatch.Point(
                        x: Float(11 * prompt + 5 * point), y: Float(90 - 7 * prompt - 3 * point),
                        label: point % 3 == 2 ? .background : .foreground)
                }
            }, masks: hasMasks ? all.sliced(axis: 0, range: range) : nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let hasMasks: Bool
        let points: Int
        let hasLoRA: Bool

        var testDescription: String { "masks: \(hasMasks), \(points) points\(hasLoRA ? ", LoRA" : "")" }
    }

    static let cases = [
        Case(hasMasks: true, points: 1, hasLoRA: false), Case(hasMasks: false, points: 1, hasLoRA: false),
        Case(hasMasks: true, points: 15, hasLoRA: false), Case(hasMasks: true, points: 3, hasLoRA: true),
    ]

    /// Logits, and the gradients of the embedding and of all parameters that have one, for prompts cut into batches.
    ///
    /// - Parameter isDetailed: whether what does not depend on prompts is computed before.
    private static func run(_ model: SAMModel, _ each: Case, batches: [Range<Int>], isDetailed: Bool = false) -> (
        logits: [Float], gradients: [(name: String, values: [Float])]
    ) {
        let grid = model.configuration.gridSize
        let embedding = random([1, grid, grid, 256], 2).asLeaf()
        let position = model.promptEncoder.densePositionalEncoding()
        let updates = model.parameters.flatMap { parameter in
            parameter.updates.flatMap { [$0.a, $0.b] }
        }
        for parameter in model.parameters + updates { parameter.gradient = nil }
        let plain = ImageFeatures(embedding: embedding)
        let image = isDetailed ? model.detailed(plain, imagePosition: position, prompts: prompts) : plain
        #expect((image.projections != nil) == isDetailed)
        var logits: [Float] = []
        for range in batches {
            let output = model.masks(
                image: image, imagePosition: position,
                prompts: batch(range, hasMasks: each.hasMasks, points: each.points, side: 4 * grid),
                multimaskOutput: false)
            logits += output.lowResMasks.values
            let seed = random([prompts, 1, 4 * grid, 4 * grid], 3).sliced(axis: 0, range: range)
            backward([
                (output.lowResMasks, seed), (output.iouPredictions, Tensor(repeating: 1, shape: [range.count, 1])),
            ])
        }
        let all = (model.parameters + updates).compactMap { parameter in
            parameter.gradient.map { (parameter.name, $0.values) }
        }
        return (logits, [("embedding", embedding.gradient?.values ?? [])] + all)
    }

    private static func model(_ each: Case) -> SAMModel {
        let model = SAMModel(configuration(), seed: 7)
        if each.hasLoRA {
            for (index, parameter) in model.maskDecoder.parameters.enumerated() where parameter.isMatrix {
                let shape = parameter.shape
                let a = Parameter(
                    name: "a.\(index)", value: random([2, shape[1]], UInt64(100 + index)).scaled(by: 0.05))
                let b = Parameter(
                    name: "b.\(index)", value: random([shape[0], 2], UInt64(300 + index)).scaled(by: 0.05))
                parameter.attach([LowRankUpdate(a: a, b: b, rows: [0..<shape[0]], scale: 1)])
            }
        }
        return model
    }

    private static func isClose(_ found: [Float], _ expected: [Float], _ tolerance: Float) -> Bool {
        let scale = expected.reduce(Float(1e-4)) { max($0, abs($1)) }
        return found.count == expected.count
            && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * scale }
    }

    @Test(arguments: cases) func manyPromptsAgreeWithOneAtATime(_ each: Case) {
        let model = Self.model(each)
        let single = Self.run(model, each, batches: (0..<Self.prompts).map { $0..<$0 + 1 })
        // Softmax does not see the bias of keys: its gradient is rounding, where it is computed at all.
        func known(_ all: [(name: String, values: [Float])]) -> [(name: String, values: [Float])] {
            all.filter { !$0.name.hasSuffix("k_proj.bias") }
        }
        let expected = known(single.gradients)
        for isDetailed in [false, true] {
            let many = Self.run(model, each, batches: [0..<Self.prompts], isDetailed: isDetailed)
            #expect(Self.isClose(many.logits, single.logits, 2e-5))
            let found = known(many.gradients)
            #expect(expected.map(\.name) == found.map(\.name) && expected.count > 100)
            for (expected, found) in zip(expected, found) {
                #expect(Self.isClose(found.values, expected.values, 1e-4), "\(expected.name)")
            }
        }
    }

    /// A narrow model, and few prompts, have nothing to share.
    @Test func whatIsNotSharedIsNotComputed() {
        let wide = Self.configuration()
        for (configuration, prompts) in [(SAMConfiguration.Preset.nano.configuration, 8), (wide, 2)] {
            let model = SAMModel(configuration, seed: 7)
            let grid = configuration.gridSize
            let image = ImageFeatures(embedding: Self.random([1, grid, grid, configuration.promptEmbedDim], 2))
            let position = model.promptEncoder.densePositionalEncoding()
            #expect(model.detailed(image, imagePosition: position, prompts: prompts).projections == nil)
        }
    }

    @Test func manyPromptsDependOnNoThread() {
        let each = Self.cases[0]
        let results = atEveryWorkerCount {
            let found = Self.run(Self.model(each), each, batches: [0..<Self.prompts])
            return [found.logits] + found.gradients.map(\.values)
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    /// Where nothing is learnt, prompts go through the decoder some at a time and share the image all the same; a rest of
    /// few prompts shares what was computed for the others.
    @Test(arguments: [true, false]) func predictionAgrees(hasMasks: Bool) {
        var configuration = Self.configuration()
        configuration.vit.imageSize = 512
        let model = SAMModel(configuration, seed: 7)
        let grid = configuration.gridSize
        let image = ImageFeatures(embedding: Self.random([1, grid, grid, 256], 2))
        let position = model.promptEncoder.densePositionalEncoding()
        // 32 prompts of 1024 cells at a time, and two left over.
        let count = 34
        let masks = Self.random([count, 4 * grid, 4 * grid], 1).scaled(by: 6)
        func logits(_ range: Range<Int>) -> [Float] {
            let batch = PromptBatch(
                boxes: range.map { prompt in
                    let corner = Float(10 * prompt)
                    return PromptBatch.Corners(x0: corner, y0: corner / 2, x1: corner + 90, y1: corner / 2 + 120)
                }, masks: hasMasks ? masks.sliced(axis: 0, range: range) : nil)
            return GradientRecording.off {
                model.masks(image: image, imagePosition: position, prompts: batch, multimaskOutput: false)
                    .lowResMasks.values
            }
        }
        let together = logits(0..<count)
        let size = 16 * grid * grid
        for prompt in [0, 31, 32, 33] {
            let own = Array(together[prompt * size..<(prompt + 1) * size])
            #expect(Self.isClose(own, logits(prompt..<prompt + 1), 2e-5), "prompt \(prompt)")
        }
    }
}
