import Foundation
import Layers
import SAM
import Tensors
import Testing
import Training

/// What a plan of memory says would help.
@Suite struct MemoryAdviceTests {
    private static let data = MemoryPlan.Data(
        steps: 20, objects: BatchLoad(anyOf: (0..<40).map { 3 + $0 % 20 }), pixels: 1 << 18, side: 512)

    private static func configuration(_ settings: [String: String]) throws -> TrainingConfiguration {
        var configuration = TrainingConfiguration()
        configuration.shards = "shards"
        configuration.accumulate = 1
        for (key, text) in settings { try configuration.set(key, written: text) }
        return configuration
    }

    private static func plan(_ configuration: TrainingConfiguration) throws -> Int {
        try MemoryPlan(
            SAMConfiguration.Preset.nano.configuration, configuration: configuration, data: data, otherBytes: 1 << 20
        ).peakBytes
    }

    /// The options of a suggestion, set one by one.
    private static func options(_ text: String) -> [(key: String, value: String)] {
        text.components(separatedBy: "--").filter { !$0.isEmpty }.map { option in
            let words = option.split(separator: " ").map(String.init)
            return (words[0], words.count > 1 ? words[1] : "true")
        }
    }

    /// Applied, a suggestion needs what it says, less than before; each of its parts is needed for that, and none comes twice.
    @Test(
        arguments: [
            [:], ["batch-size": "8"], ["preset": "decoder", "batch-size": "2"], ["objects-per-image": "1"],
            ["batch-size": "3", "checkpoint-activations": "true", "precision": "f16"], ["prompts": "micro-sam"],
            ["preset": "last-1-block", "precision": "bf16", "batch-size": "4"], ["train-only": "mask_decoder"],
            ["preset": "decoder", "checkpoint-activations": "true"], ["batch-size": "4", "accumulate": "2048"],
        ] as [[String: String]])
    func everySuggestionHelps(settings: [String: String]) throws {
        let configuration = try Self.configuration(settings)
        let before = try Self.plan(configuration)
        for limit in [before / 6, before * 3 / 4] {
            let advice = MemoryAdvice(
                SAMConfiguration.Preset.nano.configuration, configuration: configuration, data: Self.data,
                otherBytes: 1 << 20, limit: limit)
            #expect(Set(advice.changes.map(\.text)).count == advice.changes.count, "\(advice.changes.map(\.text))")
            for change in advice.changes where change.text.hasPrefix("--") {
                let options = Self.options(change.text)
                #expect(!options.isEmpty)
                var changed = configuration
                for (key, value) in options { try changed.set(key, written: value) }
                #expect(try Self.plan(changed) == change.peakBytes && change.peakBytes < before, "\(change.text)")
                // More passes a step are there for the smaller batches.
                for left in options.indices where options.count > 1 && options[left].key != "accumulate" {
                    var without = configuration
                    for (index, option) in options.enumerated() where index != left {
                        if options[left].key == "batch-size" && option.key == "accumulate" { continue }
                        try without.set(option.key, written: option.value)
                    }
                    #expect(try Self.plan(without) > change.peakBytes, "\(change.text) without \(options[left].key)")
                }
            }
        }
    }

    /// What accumulates comes upon the gradients of the passes before, whatever the prompts.
    @Test(arguments: ["single", "interactive", "micro-sam"])
    func gradientsAreHeldWhileOthersAccumulate(prompts: String) throws {
        func plan(_ accumulate: String) throws -> Int {
            try Self.plan(
                Self.configuration(["accumulate": accumulate, "prompts": prompts, "preset": "full", "batch-size": "2"]))
        }
        // With rounds of prompts those of the decoder are there from the second one on: the encoder's are what comes on top.
        let encoder = SAMModel(SAMConfiguration.Preset.nano.configuration, from: .zero).parameters
            .filter { $0.name.hasPrefix("image_encoder.") }.reduce(0) { $0 + $1.count }
        #expect(try plan("2") > plan("1") + 3 * encoder)
        #expect(try plan("4") == plan("2"))
    }

    /// A batch whose other images have few objects needs less than one of as many as the largest has.
    @Test func aBatchIsThatOfTheImagesThereAre() throws {
        let configuration = try Self.configuration(["batch-size": "4", "prompts": "single"])
        func plan(_ counts: [Int]) throws -> Int {
            try MemoryPlan(
                SAMConfiguration.Preset.nano.configuration, configuration: configuration,
                data: MemoryPlan.Data(steps: 20, objects: BatchLoad(anyOf: counts)), otherBytes: 0
            ).peakBytes
        }
        let even = try plan(Array(repeating: 16, count: 8))
        let uneven = try plan([16, 1, 1, 1, 1, 1, 1, 1])
        #expect(Double(uneven) < 0.7 * Double(even), "\(uneven) of \(even)")
        #expect(try plan([16, 16, 16, 16, 1, 1, 1, 1]) == even)
    }

    /// Steps of augmentation hold images of their own, and other images that they take parts of.
    @Test func stepsOfAugmentationAreCounted() throws {
        func plan(_ steps: String?) throws -> Int {
            let data = MemoryPlan.Data(
                steps: 4, objects: BatchLoad(anyOf: [4]), pixels: 4000 * 3000, side: 4000)
            let configuration = try Self.configuration(steps.map { ["augment-steps": $0] } ?? [:])
            return try MemoryPlan(
                SAMConfiguration.Preset.nano.configuration, configuration: configuration, data: data, otherBytes: 0
            ).peakBytes
        }
        let plain = try plan(nil)
        #expect(try plan("[HorizontalFlip]") < plain + (8 << 20))
        let blurred = try plan("[{GaussianBlur: {p: 1}}]")
        #expect(blurred > plain)
        #expect(try plan("[{CopyPaste: {p: 0.5}}]") > blurred + (30 << 20))
        // What is small before it is changed takes little.
        #expect(try plan("[{Resize: {height: 256, width: 256}}, {GaussianBlur: {p: 1}}]") < blurred)
    }

    /// Where images to validate on are large, it is the report that needs most.
    @Test func theReportCanBeLeftOut() throws {
        var configuration = try Self.configuration(["val": "val"])
        let data = MemoryPlan.Data(
            steps: 20, objects: BatchLoad(anyOf: [3, 4]), pixels: 1 << 18, side: 512,
            validation: .init(pixels: 25_000_000, objects: 40))
        func plan(_ configuration: TrainingConfiguration) throws -> Int {
            try MemoryPlan(
                SAMConfiguration.Preset.nano.configuration, configuration: configuration, data: data,
                otherBytes: 1 << 20
            ).peakBytes
        }
        let before = try plan(configuration)
        let advice = MemoryAdvice(
            SAMConfiguration.Preset.nano.configuration, configuration: configuration, data: data, otherBytes: 1 << 20,
            limit: before * 2 / 3)
        configuration.report = false
        let change = try #require(advice.changes.first { $0.text == "--set report=false" })
        #expect(try change.peakBytes == plan(configuration) && change.peakBytes <= before * 2 / 3)
    }
}
