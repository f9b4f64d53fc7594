import Augmentation
import Foundation
import Images
import Masks
import Pipeline
import Runtime
import SAM
import Shards
import Tensors
import TestSupport
import Testing
import Training

@Suite struct AugmentStepsTests {
    static func configuration(_ yaml: String) throws -> TrainingConfiguration {
        var configuration = TrainingConfiguration()
        configuration.shards = "shards"
        try configuration.apply(yaml: yaml)
        return configuration
    }

    /// A list in YAML, the same as text, and what a run writes down are one configuration.
    @Test func spellingsAgree() throws {
        let list = try Self.configuration("augment-steps:\n  - D4\n  - Affine: {rotate: [-20, 20], p: 0.8}\n")
        let text = try Self.configuration("augment-steps: '[D4, {Affine: {rotate: [-20, 20], p: 0.8}}]'")
        #expect(list == text && list.augmentSteps != nil)
        #expect(try Self.configuration(try list.yaml()) == list)
        var set = try Self.configuration("")
        try set.set("augment-steps", to: .text("[D4, {Affine: {rotate: [-20, 20], p: 0.8}}]"))
        #expect(set == list)
        #expect(try Self.configuration("augment-steps: [D4, ToGray]").augmentSteps == "[\"D4\", \"ToGray\"]")
        for none in ["null", "none", ""] {
            #expect(try Self.configuration("augment-steps: \(none)") == Self.configuration(""))
        }
        let chain = try Self.configuration("augment-steps: {steps: [D4], min_visibility: 0.4}")
        #expect(try Self.configuration(try chain.yaml()) == chain)
    }

    @Test(arguments: [
        ("[D5]", "there is no step D5"), ("[{D4: {q: 1}}]", "D4 has no parameter q"),
        ("5", "augmentation is a number"), ("[[", "YAML"),
    ])
    func mistakesAreNamed(value: String, phrase: String) {
        let error = #expect(throws: TrainingError.self) { try Self.configuration("augment-steps: '\(value)'") }
        #expect(error?.message.contains(phrase) == true, "\(error?.message ?? "")")
    }

    /// Each epoch sees other images, always the same ones; masks go with them.
    @Test func examplesFollowTheSteps() throws {
        let sample = try TrainingFixture.samples(1)[0]
        var configuration = TrainingConfiguration()
        configuration.boxProbability = 1
        configuration.boxNoise = 0
        try configuration.set(
            "augment-steps", to: .text("[D4, {Affine: {rotate: [-30, 30], scale: [0.8, 1.2], p: 1}}, ColorJitter]"))
        let maker = ExampleMaker(configuration, model: TrainingFixture.configuration)
        var seen: Set<[Float]> = []
        for epoch in 0..<12 {
            let place = SamplePlace(epoch: epoch, position: 0, index: 0)
            let (a, b) = (try maker.example(of: sample, at: place), try maker.example(of: sample, at: place))
            #expect(a.pixels.values == b.pixels.values && a.objects.map(\.target) == b.objects.map(\.target))
            seen.insert(a.pixels.values)
            for object in a.objects {
                // A box without noise is that of the label.
                #expect(object.prompt.box == object.label.boundingBox)
                #expect(object.label.height == a.frame.originalHeight && object.label.width == a.frame.originalWidth)
            }
        }
        #expect(seen.count == 12)
    }

    /// Steps that paste take objects of the set's other samples, the same ones at every call; without a set they say so.
    @Test func stepsThatPasteHaveTheSetAtHand() throws {
        let directory = try TemporaryDirectory()
        try TrainingFixture.write(try TrainingFixture.samples(3), to: directory.path)
        let set = try ShardSet(path: directory.path)
        var configuration = TrainingConfiguration()
        configuration.objectsPerImage = 100
        try configuration.set("augment-steps", to: .text("[{Mosaic: {p: 1}}]"))
        let place = SamplePlace(epoch: 0, position: 0, index: 0)
        let maker = ExampleMaker(
            configuration, model: TrainingFixture.configuration, partners: (set, Array(0..<set.count)))
        let (a, b) = (
            try maker.example(of: set.sample(at: 0), at: place), try maker.example(of: set.sample(at: 0), at: place)
        )
        #expect(a.pixels.values == b.pixels.values && a.objects.map(\.label) == b.objects.map(\.label))
        configuration.augmentSteps = nil
        configuration.augment = []
        let plain = ExampleMaker(configuration, model: TrainingFixture.configuration)
        #expect(try plain.example(of: set.sample(at: 0), at: place).pixels.values != a.pixels.values)
        try configuration.set("augment-steps", to: .text("[{Mosaic: {p: 1}}]"))
        let alone = ExampleMaker(configuration, model: TrainingFixture.configuration)
        #expect(throws: AugmentationError.self) { try alone.example(of: set.sample(at: 0), at: place) }
    }
}
