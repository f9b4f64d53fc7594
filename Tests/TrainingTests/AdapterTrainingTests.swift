import Kernels
import Layers
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// Adapters of low rank in whole models.
@Suite struct AdapterTrainingTests {
    static let targets = ["q", "k", "v", "out", "mlp", "decoder", "mask_decoder.iou_prediction_head.*"]
    static let cases = AdapterFixture.families.flatMap { family in targets.map { (family, $0) } }

    /// The first step starts from the base, to the bit, recorded or not.
    @Test(arguments: AdapterFixture.families)
    func atFirstNothingChanges(family: String) throws {
        let model = AdapterFixture.model(family)
        let before = GradientRecording.off { AdapterFixture.answer(model).map(\.values) }
        let trainable = AdapterFixture.answer(model).map(\.values)
        let parameters = try AdapterFixture.parameters(
            model, targets: ["q", "k", "v", "out", "mlp", "decoder"], isStirred: false)
        #expect(parameters.updates.count > 20)
        let recorded = AdapterFixture.answer(model)
        #expect(recorded.allSatisfy { $0.node != nil })
        #expect(recorded.map(\.values) == trainable)
        #expect(GradientRecording.off { AdapterFixture.answer(model).map(\.values) } == before)
    }

    /// Merged into the weights the updates do what they did beside them, and taken out again nothing is left of them.
    @Test(arguments: cases)
    func mergedIsBeside(family: String, target: String) throws {
        let model = AdapterFixture.model(family)
        let base = model.parameters.map(\.value.values)
        let plain = AdapterFixture.answer(model).map(\.values)
        _ = try AdapterFixture.parameters(model, targets: [target])
        let beside = AdapterFixture.answer(model).map(\.values)
        #expect(zip(plain, beside).contains { $0 != $1 })
        let merged = MergedUpdates(of: model.parameters)
        #expect(merged.count > 0 && model.parameters.allSatisfy { $0.updates.isEmpty })
        for (found, expected) in zip(AdapterFixture.answer(model), beside) {
            let scale = expected.reduce(Float(1)) { max($0, abs($1)) }
            #expect(zip(found.values, expected).allSatisfy { abs($0 - $1) <= 1e-5 * scale })
        }
        #expect(MergeCheck.difference(of: model).relative == 0, "nothing is attached")
        merged.unmerge()
        #expect(model.parameters.map(\.value.values) == base)
        #expect(AdapterFixture.answer(model).map(\.values) == beside)
        #expect((0..<MergeCheck.tolerance).contains(MergeCheck.difference(of: model).relative))
        model.attach([])
        #expect(AdapterFixture.answer(model).map(\.values) == plain)
    }

    private static func gradients(_ model: SAMModel, of parameters: [Parameter], isCheckpointing: Bool = false)
        -> [[Float]]
    {
        for parameter in parameters { parameter.gradient = nil }
        let outputs = AdapterFixture.answer(model, isCheckpointing: isCheckpointing)
        backward(outputs.map { (tensor: $0, seed: seed(of: $0)) })
        return parameters.map { $0.gradient?.values ?? [] }
    }

    /// The loss is a sum with fixed weights.
    private static func seed(of output: Tensor) -> Tensor {
        WeightInitializer(seed: 8).normal("seed \(output.shape)", shape: output.shape, deviation: 0.3).value
    }

    /// Gradients of both matrices are the slopes of the loss.
    @Test(arguments: cases)
    func gradientsAreSlopes(family: String, target: String) throws {
        let model = AdapterFixture.model(family)
        let updates = try AdapterFixture.parameters(model, targets: [target]).updates
        let first = try #require(updates.first)
        let last = try #require(updates.last)
        let parameters = first.parameters + last.parameters
        let gradients = Self.gradients(model, of: parameters)
        func loss() -> Double {
            GradientRecording.off { AdapterFixture.answer(model) }.reduce(0) { sum, output in
                sum + zip(output.values, Self.seed(of: output).values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
        }
        for (parameter, gradient) in zip(parameters, gradients) {
            #expect(gradient.count == parameter.count)
            let scale = gradient.reduce(1e-3) { max($0, abs(Double($1))) }
            // The steepest element, and another.
            let steepest = gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) } ?? 0
            for element in [steepest, (steepest + 7) % gradient.count] {
                let value = parameter.value
                func moved(_ offset: Float) -> Double {
                    parameter.withMutableElements { $0[element] += offset }
                    defer { parameter.value = value }
                    return loss()
                }
                func slope(_ step: Float) -> Double { (moved(step) - moved(-step)) / Double(2 * step) }
                let expected = (4 * slope(0.002) - slope(0.004)) / 3
                #expect(
                    abs(Double(gradient[element]) - expected) <= 0.02 * scale + 2e-3,
                    "\(parameter.name) \(element): \(gradient[element]), slope \(expected)")
            }
        }
    }

    /// With blocks computed again on the way back the gradients are the same bytes; with activations kept in 16 bits nearly
    /// the same.
    @Test(arguments: AdapterFixture.families)
    func savingMemoryKeepsGradients(family: String) throws {
        let model = AdapterFixture.model(family)
        let parameters = try AdapterFixture.parameters(model, targets: ["q", "k", "v", "out", "mlp", "decoder"]).all
        let plain = Self.gradients(model, of: parameters)
        // A network whose mask was not asked for has nothing to learn from.
        for (parameter, gradient) in zip(parameters, plain) where !parameter.name.contains("hypernetworks") {
            #expect(!gradient.isEmpty, "\(parameter.name)")
        }
        #expect(Self.gradients(model, of: parameters, isCheckpointing: true) == plain)
        let results = atEveryWorkerCount { Self.gradients(model, of: parameters) }
        #expect(results.allSatisfy { $0 == plain })
        let rounded = SavedActivations.with(.bfloat16) { Self.gradients(model, of: parameters) }
        let size = plain.joined().reduce(Float(0)) { max($0, abs($1)) }
        #expect(zip(rounded.joined(), plain.joined()).allSatisfy { abs($0 - $1) < 0.05 * size })
    }

    /// A is reached as soon as B is no longer zero: after one step everything that is trained has a gradient.
    @Test func everythingIsReachedAfterAStep() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        let examples = try TrainingFixture.examples(configuration)
        configuration.loraRank = 2
        configuration.loraTargets = ["q", "k", "v", "out", "mlp", "decoder"]
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        let base = model.parameters.map(\.value.values)
        let parameters = try TrainedParameters(model, configuration: configuration)
        var optimizer = Optimizer(parameters.all, configuration: configuration)
        let batch = GradientBatch(model, objective: MaskObjective(weights: LossWeights()))
        func reached() throws -> Set<String> {
            for parameter in parameters.all { parameter.gradient = nil }
            _ = try batch.accumulate(examples, objectsInStep: Double(examples.count))
            return Set(
                parameters.all.filter { $0.gradient?.values.contains { $0 != 0 } ?? false }.map(\.name))
        }
        // Networks of masks that were never the best of three have nothing to learn from.
        func isUsed(_ name: String) -> Bool { !name.contains("output_hypernetworks_mlps") }
        let first = try reached()
        #expect(first.allSatisfy { $0.hasSuffix("lora_B.weight") } && first.count > 20)
        optimizer.step(learningRate: 1e-3)
        let second = try reached()
        for parameter in parameters.all where isUsed(parameter.name) {
            #expect(second.contains(parameter.name), "\(parameter.name)")
        }
        #expect(model.parameters.map(\.value.values) == base, "what stands beside adapters is frozen")
    }
}
