import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// What comes of training with clicks.
@Suite struct PromptLearningTests {
    /// A tiny model after some steps, and the examples that it learnt from.
    private func trained(_ prompts: PromptProtocol, steps: Int) throws -> (SAMModel, [TrainingExample]) {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory, images: 4)
        configuration.prompts = prompts
        configuration.loss = LossWeights(focal: 0, dice: 1, iou: 0.2, bce: 3)
        configuration.boxProbability = 0
        let examples = try TrainingFixture.examples(configuration)
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 5)
        let parameters = model.parameters.filter(\.isTrainable)
        var optimizer = AdamW(parameters, configuration: configuration)
        let gradients = try GradientBatch(model, configuration: configuration)
        for step in 0..<steps {
            for parameter in parameters { parameter.gradient = nil }
            // Other clicks in every step.
            let varied = examples.enumerated().map { index, example in
                let stream = UInt64(step * examples.count + index)
                return TrainingExample(
                    imageID: example.imageID, image: example.image, frame: example.frame,
                    objects: example.objects.enumerated().map { number, object in
                        TrainingObject(
                            prompt: object.prompt, target: object.target, label: object.label,
                            stream: stream << 8 | UInt64(number))
                    }, stream: stream)
            }
            _ = try gradients.accumulate(varied, imagesInStep: examples.count)
            optimizer.step(learningRate: 3e-3)
        }
        return (model, examples)
    }

    @Test(arguments: [PromptProtocol.interactive, .microSAM])
    func masksGetBetterWithClicks(prompts: PromptProtocol) throws {
        let (model, examples) = try trained(prompts, steps: 100)
        var configuration = TrainingConfiguration()
        configuration.prompts = prompts
        let terms = try GradientBatch(model, configuration: configuration)
            .accumulate(examples, imagesInStep: examples.count)
        #expect(
            terms.lastMaskIoU > terms.firstMaskIoU + 0.02,
            "IoU \(terms.firstMaskIoU) became \(terms.lastMaskIoU)")
        #expect(terms.lastMaskIoU > 0.6)
    }

    /// After training a click on the background takes away from the mask there, more than it takes from the object.
    @Test func backgroundClicksTakeAway() throws {
        let (model, examples) = try trained(.microSAM, steps: 100)
        let position = model.promptEncoder.densePositionalEncoding()
        let side = TrainingFixture.configuration.lowResSize
        var (atClick, onObject, clicks) = (0.0, 0.0, 0)
        GradientRecording.off {
            for example in examples {
                let image = model.imageEncoder(example.pixels)
                for (index, object) in example.objects.enumerated() {
                    // The other object of the image is what a mask could take in by mistake.
                    let other = PromptSampler.deepestPoint(in: example.objects[1 - index].label)
                    let point = PromptSampler.deepestPoint(in: object.label)
                    func logits(_ points: [Prompt.Point]) -> [Float] {
                        model.masks(
                            image: image, imagePosition: position,
                            prompts: PromptBatch([Prompt(points: points)], in: example.frame, lowResSize: side),
                            multimaskOutput: false
                        ).lowResMasks.values
                    }
                    let without = logits([point])
                    let with = logits([point, Prompt.Point(x: other.x, y: other.y, isForeground: false)])
                    func change(at place: Prompt.Point) -> Double {
                        let cell = Double(TrainingFixture.configuration.imageSize / side)
                        let row = Int(place.y * example.frame.scaleY / cell)
                        let column = Int(place.x * example.frame.scaleX / cell)
                        return Double(with[row * side + column] - without[row * side + column])
                    }
                    atClick += change(at: other)
                    onObject += change(at: point)
                    clicks += 1
                }
            }
        }
        #expect(clicks == 8)
        #expect(atClick < 0 && atClick < onObject, "\(atClick) at the clicks, \(onObject) on the objects")
    }
}
