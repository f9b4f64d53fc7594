import Checkpoints
import Layers
import SAM
import Tensors
import TestSupport
import Testing

/// The forward and backward pass against the reference implementation's.
@Suite struct ParityTests {
    /// Of every output, relative to its largest value.
    static let forwardTolerance: Float = 1e-4
    /// Of every gradient, relative to its largest value.
    static let gradientTolerance: Float = 1e-3

    @Test(arguments: ReferenceModel.committed)
    func parametersHaveTheReferencesNamesAndShapes(reference: ReferenceModel) throws {
        let parameters = try reference.model().parameters
        let stored = try reference.file("weights")
        #expect(Set(parameters.map(\.name)) == Set(stored.names))
        #expect(parameters.count == stored.count)
        let listed = try reference.configuration().tensorShapes
        #expect(Set(listed.map(\.name)) == Set(stored.names) && listed.count == stored.count)
        for tensor in listed { #expect(stored[tensor.name]?.shape == tensor.shape, "\(tensor.name)") }
    }

    @Test(arguments: ReferenceModel.committed)
    func forwardAgrees(reference: ReferenceModel) throws { try Self.checkForward(reference) }

    @Test(arguments: ReferenceModel.committed)
    func everyGradientAgrees(reference: ReferenceModel) throws { try Self.checkGradients(reference) }

    /// Image embeddings, positional encodings, prompt tokens, masks and IoU predictions.
    static func checkForward(_ reference: ReferenceModel) throws {
        let model = try reference.model()
        let stored = try reference.file("cases")
        model.setTrainable(false)
        let embeddings = model.imageEncoder(try #require(stored["image"]).tensor())
        #expect(embeddings.embedding.node == nil, "frozen parameters recorded something")
        #expect(relativeError(embeddings.embedding, try #require(stored["image_embeddings"])) < forwardTolerance)
        let position = model.promptEncoder.densePositionalEncoding()
        #expect(relativeError(position, try #require(stored["dense_pe"])) < forwardTolerance)
        for item in try reference.cases() {
            let prompts = try reference.prompts(item.name, in: stored)
            let sparse = model.promptEncoder(prompts).sparse
            let wanted = try #require(stored[item.name + ".sparse"])
            #expect(sparse.shape == wanted.shape, "\(item.name)")
            #expect(relativeError(sparse, wanted) < forwardTolerance, "\(item.name)")
            let (masks, ious) = Self.answers(
                model, image: embeddings.image(item.image), position: position, prompts: prompts)
            let wantedMasks = try #require(stored[item.name + ".low_res_masks"])
            #expect(masks.shape == wantedMasks.shape, "\(item.name)")
            #expect(relativeError(masks, wantedMasks) < forwardTolerance, "\(item.name)")
            let wantedIoU = try #require(stored[item.name + ".iou_predictions"])
            #expect(relativeError(ious, wantedIoU) < forwardTolerance, "\(item.name)")
        }
    }

    /// What the scripts store of a case: masks and IoU predictions of the single answer, then of several; with SAM-HQ the
    /// finer mask alone comes last.
    static func answers(
        _ model: SAMModel, image: ImageFeatures, position: Tensor, prompts: PromptBatch
    ) -> (masks: Tensor, ious: Tensor) {
        var outputs = [false, true].map { isMulti in
            model.masks(image: image, imagePosition: position, prompts: prompts, multimaskOutput: isMulti)
        }
        if model.configuration.family == .samHQ {
            var fine = model
            fine.hqTokenOnly = true
            outputs.append(
                fine.masks(image: image, imagePosition: position, prompts: prompts, multimaskOutput: false))
        }
        return (
            Tensor.concatenated(outputs.map(\.lowResMasks), axis: 1),
            Tensor.concatenated(outputs.map(\.iouPredictions), axis: 1)
        )
    }

    /// The sum of the script's losses over all cases.
    static func loss(_ model: SAMModel, _ reference: ReferenceModel) throws -> Tensor {
        let stored = try reference.file("cases")
        let embeddings = model.imageEncoder(try #require(stored["image"]).tensor())
        let position = model.promptEncoder.densePositionalEncoding()
        var total = Tensor(0)
        for item in try reference.cases() {
            let (masks, ious) = answers(
                model, image: embeddings.image(item.image), position: position,
                prompts: try reference.prompts(item.name, in: stored))
            total = total + ReferenceModel.loss(masks: masks, ious: ious)
        }
        return total
    }

    static func checkGradients(_ reference: ReferenceModel) throws {
        let model = try reference.model()
        let total = try loss(model, reference)
        #expect(abs(total.scalar - (try #require(reference.file("cases")["loss"]).floats()[0])) < 1e-4)
        backward(total)
        let stored = try reference.file("gradients")
        let trained = model.parameters.filter(\.isTrainable)
        let unused = Set(stored.names).subtracting(trained.map(\.name))
        #expect(Set(trained.map(\.name)).isSubset(of: stored.names))
        // TinyViT keeps a head that nothing uses.
        for name in unused { #expect(stored[name]?.floats().allSatisfy { $0 == 0 } == true, "\(name)") }
        for parameter in trained {
            let expected = try #require(stored[parameter.name])
            if parameter.name.hasSuffix(".k_proj.bias") {
                // A constant added to all scores of a query changes no softmax: the true gradient is zero. Where the
                // projection is folded into the tokens there is none; elsewhere both sides hold rounding errors, to be
                // measured by what the weight's gradient is.
                guard let gradient = parameter.gradient else { continue }
                let weight = try #require(stored[parameter.name.replacing(".bias", with: ".weight")])
                let scale = weight.floats().reduce(0) { max($0, abs($1)) }
                #expect(gradient.values.allSatisfy { abs($0) < gradientTolerance * scale }, "\(parameter.name)")
            } else {
                let gradient = try #require(parameter.gradient, "\(parameter.name) has no gradient")
                let error = relativeError(gradient, expected)
                #expect(error < gradientTolerance, "\(parameter.name): \(error)")
            }
        }
    }

    /// Bytes of outputs and gradients at several numbers of workers.
    @Test(arguments: ReferenceModel.committed.filter { $0.testDescription != "global" })
    func nothingDependsOnTheNumberOfWorkers(reference: ReferenceModel) throws {
        let runs = try atEveryWorkerCount {
            let model = try reference.model()
            let total = try Self.loss(model, reference)
            backward(total)
            return [total.values] + model.parameters.map { $0.gradient?.values ?? [] }
        }
        for run in runs.dropFirst() {
            #expect(run.map { $0.map(\.bitPattern) } == runs[0].map { $0.map(\.bitPattern) })
        }
    }

    /// Freezing one part leaves the others' gradients as they were, and gives it none.
    @Test func frozenPartsRecordNothing() throws {
        let reference = ReferenceModel.committed[0]
        let full = try reference.model()
        backward(try Self.loss(full, reference))
        let partly = try reference.model()
        partly.imageEncoder.setTrainable(false)
        backward(try Self.loss(partly, reference))
        for (a, b) in zip(full.parameters, partly.parameters) {
            if a.name.hasPrefix("image_encoder.") {
                #expect(b.gradient == nil, "\(b.name)")
            } else {
                #expect(a.gradient?.values == b.gradient?.values, "\(b.name)")
            }
        }
    }
}
