import Masks
import Pipeline
import Runtime
import SAM
import Shards
import Tensors
import TestSupport
import Testing
import Training

@Suite struct ExampleMakerTests {
    private func maker(_ change: (inout TrainingConfiguration) -> Void = { _ in }) -> ExampleMaker {
        var configuration = TrainingConfiguration()
        configuration.augment = []
        change(&configuration)
        return ExampleMaker(configuration, model: TrainingFixture.configuration)
    }

    private let place = SamplePlace(epoch: 2, position: 0, index: 4)

    @Test func targetsHoldTheObjectsArea() throws {
        let sample = try TrainingFixture.samples(1)[0]
        let example = try maker().example(of: sample, at: place)
        #expect(example.objects.count == 2)
        // A low-resolution pixel covers 2 x 2 of the input's pixels, and those (48 / 32)^2 of the image's.
        let cell = 4.0 * (48.0 / 32) * (48.0 / 32)
        let areas = example.objects.map { Double($0.target.values.reduce(0, +)) * cell }.sorted()
        let expected = sample.objects.map { Double($0.mask.area) }.sorted()
        for (area, truth) in zip(areas, expected) { #expect(abs(area - truth) < 0.02 * truth) }
    }

    @Test func anExampleIsAFunctionOfItsPlace() throws {
        let sample = try TrainingFixture.samples(1)[0]
        let varied = maker { $0.augment = AugmentationFamily.allCases }
        let (a, b) = (try varied.example(of: sample, at: place), try varied.example(of: sample, at: place))
        #expect(a.pixels.values == b.pixels.values)
        #expect(a.objects.map(\.prompt) == b.objects.map(\.prompt))
        #expect(a.objects.map(\.target) == b.objects.map(\.target))
        let other = try varied.example(of: sample, at: SamplePlace(epoch: 3, position: 0, index: 4))
        #expect(a.objects.map(\.prompt) != other.objects.map(\.prompt))
    }

    /// A prompt without noise fits its target, whatever the picture went through.
    @Test func promptsMoveWithTheImage() throws {
        let sample = try TrainingFixture.samples(1)[0]
        let varied = maker {
            $0.augment = AugmentationFamily.allCases
            $0.boxProbability = 1
            $0.boxNoise = 0
        }
        for epoch in 0..<20 {
            let example = try varied.example(of: sample, at: SamplePlace(epoch: epoch, position: 0, index: 0))
            #expect(!example.objects.isEmpty)
            for object in example.objects {
                let box = try #require(object.prompt.box)
                if let contrast = contrast(example, of: object.target) { #expect(contrast > 1.5) }
                // Cells of the target outside the box hold nothing of the object.
                let (scaleX, scaleY) = (example.frame.scaleX / 2, example.frame.scaleY / 2)
                var inside = 0.0
                for (cell, value) in object.target.values.enumerated() {
                    let (row, column) = (Double(cell / 16), Double(cell % 16))
                    if column + 1 > box.x * scaleX, column < box.maxX * scaleX, row + 1 > box.y * scaleY,
                        row < box.maxY * scaleY
                    {
                        inside += Double(value)
                    }
                }
                #expect(abs(inside - Double(object.target.values.reduce(0, +))) < 1e-4)
            }
        }
    }

    /// How much brighter the input is under a target than around it: objects are bright in the fixture. Nil of a sliver.
    private func contrast(_ example: TrainingExample, of target: MaskCoverage) -> Float? {
        let input = example.pixels.values
        var (inside, outside) = ((sum: Float(0), count: Float(0)), (sum: Float(0), count: Float(0)))
        // Away from the padding, which is neither.
        for row in 0..<example.frame.scaledHeight {
            for column in 0..<example.frame.scaledWidth {
                let value = input[(row * 32 + column) * 3]
                switch target.values[row / 2 * 16 + column / 2] {
                case 0.6...: (inside.sum, inside.count) = (inside.sum + value, inside.count + 1)
                case 0: (outside.sum, outside.count) = (outside.sum + value, outside.count + 1)
                default: break
                }
            }
        }
        return inside.count == 0 ? nil : inside.sum / inside.count - outside.sum / outside.count
    }

    @Test func crowdsAndSmallObjectsAreLeftOut() throws {
        var sample = try TrainingFixture.samples(1)[0]
        sample.objects[1].isCrowd = true
        #expect(try maker().example(of: sample, at: place).objects.count == 1)
        sample.objects[1].isCrowd = false
        let small = min(sample.objects[0].mask.area, sample.objects[1].mask.area)
        #expect(try maker { $0.minObjectArea = small + 1 }.example(of: sample, at: place).objects.count == 1)
        #expect(try maker { $0.objectsPerImage = 1 }.example(of: sample, at: place).objects.count == 1)
    }

    @Test func damagedImagesAreNamed() throws {
        var sample = try TrainingFixture.samples(1)[0]
        sample.encoded = Array(sample.encoded.prefix(60))
        let error = try #require(throws: (any Error).self) { try maker().example(of: sample, at: place) }
        #expect((error as? any OperationError)?.location?.imageID == "0")
        #expect((error as? any OperationError)?.kind == .badInput)
        sample = try TrainingFixture.samples(1)[0]
        sample.height += 1
        let mismatch = try #require(throws: PipelineError.self) { try maker().example(of: sample, at: place) }
        #expect(mismatch.code == .imageSize)
    }
}
