import Layers
import Masks
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// What comes of training with clicks, where one point alone cannot say what is meant.
@Suite struct PromptLearningTests {
    private let architecture: SAMConfiguration = {
        var architecture = TrainingFixture.configuration
        // With fewer channels the first norm of masks is over one channel, and lets nothing through.
        architecture.maskInChannels = 16
        return architecture
    }()

    private static let places = [[(7, 8), (8, 23), (23, 15)], [(23, 8), (8, 16), (22, 24)]]

    /// Images of three bright discs; any of them together may be an object, seven objects an image.
    private func examples(step: Int) -> [TrainingExample] {
        let frame = ImageFrame(height: 32, width: 32, imageSize: 32)
        return Self.places.enumerated().map { number, places in
            let discs = places.map {
                TrainingFixture.disc(row: $0.0, column: $0.1, radius: 4, height: 32, width: 32).bitmap()
            }
            let bright = discs.reduce(Bitmap(height: 32, width: 32)) { $0.union($1) }
            let pixels = bright.pixels.flatMap { [Float](repeating: Float($0) * 2 - 0.5, count: 3) }
            let objects = (1..<8).map { subset -> TrainingObject in
                let chosen = (0..<3).filter { subset >> $0 & 1 == 1 }.map { discs[$0] }
                let label = RLE(chosen.dropFirst().reduce(chosen[0]) { $0.union($1) })
                let stream = UInt64(step) << 8 | UInt64(number) << 4 | UInt64(subset)
                var random = CounterRandom(seed: stream, purpose: RandomPurpose("learning test"))
                return TrainingObject(
                    prompt: Prompt(points: [PromptSampler.point(in: label, random: &random)]),
                    target: MaskCoverage(of: label, height: 16, width: 16, cellHeight: 2, cellWidth: 2),
                    label: label, stream: stream)
            }
            return TrainingExample(
                imageID: "\(number)", image: .pixels(Tensor(pixels, shape: [1, 32, 32, 3])), frame: frame,
                objects: objects, stream: UInt64(step) << 4 | UInt64(number))
        }
    }

    private func trained(_ plan: PromptPlan, steps: Int) throws -> SAMModel {
        let model = ScratchWeights.model(architecture, seed: 5)
        let parameters = model.parameters.filter(\.isTrainable)
        var optimizer = Optimizer(parameters, configuration: TrainingConfiguration())
        let gradients = GradientBatch(
            model, objective: MaskObjective(weights: LossWeights(focal: 0, dice: 1, iou: 0.2, bce: 3)), plan: plan)
        for step in 0..<steps {
            for parameter in parameters { parameter.gradient = nil }
            _ = try gradients.accumulate(examples(step: step), objectsInStep: 2)
            optimizer.step(learningRate: 3e-3)
        }
        return model
    }

    /// The model as it is used: of several masks the one that it says is best, then clicks where the mask is wrong.
    ///
    /// - Returns: the mean IoU after the first point, and after five clicks.
    private func meanIoU(_ model: SAMModel, _ plan: PromptPlan) -> (first: Double, last: Double) {
        var (first, last, count) = (0.0, 0.0, 0.0)
        let position = model.promptEncoder.densePositionalEncoding()
        GradientRecording.off {
            for example in examples(step: 9999) {
                let image = model.imageEncoder(example.pixels)
                for object in example.objects {
                    var random = CounterRandom(seed: object.stream, purpose: RandomPurpose("evaluation"))
                    let sampler = ClickSampler(object, frame: example.frame, plan: plan)
                    var prompt = object.prompt
                    for round in 0...5 {
                        let output = model.masks(
                            image: image, imagePosition: position,
                            prompts: PromptBatch([prompt], in: example.frame, lowResSize: 16),
                            multimaskOutput: round == 0)
                        let ious = output.iouPredictions.values
                        let best = ious.indices.max { ious[$0] < ious[$1] } ?? 0
                        let logits = Array(output.lowResMasks.values[best * 256..<(best + 1) * 256])
                        let both = zip(logits, object.target.values)
                        let shared = both.count { $0.0 > 0 && $0.1 > 0.5 }
                        let union = both.count { $0.0 > 0 || $0.1 > 0.5 }
                        if round == 0 { first += Double(shared) / Double(union) }
                        if round == 5 { last += Double(shared) / Double(union) }
                        prompt.mask = logits
                        logits.withUnsafeBufferPointer { logits in
                            guard let base = logits.baseAddress else { return }
                            prompt.points.append(sampler.click(after: base, random: &random))
                        }
                    }
                    count += 1
                }
            }
        }
        return (first / count, last / count)
    }

    @Test(arguments: [PromptProtocol.interactive, .microSAM])
    func masksGetBetterWithClicks(prompts: PromptProtocol) throws {
        var configuration = TrainingConfiguration()
        configuration.prompts = prompts
        let plan = try PromptPlan(configuration, model: architecture)
        let model = try trained(plan, steps: 120)
        let (first, last) = meanIoU(model, plan)
        #expect(last > first + 0.1 && last > 0.6, "IoU \(first) became \(last)")

        // A click on the background takes another disc away, and not the one that was asked for.
        let position = model.promptEncoder.densePositionalEncoding()
        var (there, here) = (0.0, 0.0)
        GradientRecording.off {
            for (example, places) in zip(examples(step: 0), Self.places) {
                let image = model.imageEncoder(example.pixels)
                for (own, other) in [(0, 1), (1, 2), (2, 0)] {
                    let points = [own, other].map {
                        Prompt.Point(x: Double(places[$0].1), y: Double(places[$0].0), isForeground: $0 == own)
                    }
                    let logits = [1, 2].map { count in
                        model.masks(
                            image: image, imagePosition: position,
                            prompts: PromptBatch(
                                [Prompt(points: Array(points.prefix(count)))], in: example.frame, lowResSize: 16),
                            multimaskOutput: false
                        ).lowResMasks.values
                    }
                    func change(_ disc: Int) -> Double {
                        let cell = places[disc].0 / 2 * 16 + places[disc].1 / 2
                        return Double(logits[1][cell] - logits[0][cell])
                    }
                    there += change(other)
                    here += change(own)
                }
            }
        }
        #expect(there < here, "\(there / 6) on the disc that was clicked away, \(here / 6) on the other")
        if prompts == .microSAM { #expect(there < -1) }
    }
}
