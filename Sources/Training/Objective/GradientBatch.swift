private import Kernels
private import Layers
private import Runtime
package import SAM
internal import Tensors

/// Forward and backward for a few images at once: adds to the parameters' gradients.
///
/// A step's gradient is the mean over all its objects, however its images are cut into batches: accumulating over K batches of
/// one image is one batch of K, and an image of which nothing is asked changes nothing.
package struct GradientBatch {
    let model: SAMModel
    let objective: MaskObjective
    let plan: PromptPlan
    let imagePosition: Tensor
    private let lowResSize: Int
    let isCheckpointing: Bool
    private let precision: Precision
    /// Factor of the gradients, and not of the losses that are returned.
    package var lossScale = 1.0

    /// - Parameters:
    ///   - model: whose gradients are gathered.
    ///   - objective: the loss.
    ///   - plan: the rounds in which objects are asked for; nil for a single one.
    ///   - isCheckpointing: whether the encoder's blocks are computed again on the way back.
    ///   - precision: how activations are kept for the way back.
    package init(
        _ model: SAMModel, objective: MaskObjective, plan: PromptPlan? = nil, isCheckpointing: Bool = false,
        precision: Precision = .f32
    ) {
        self.model = model
        self.objective = objective
        self.plan = plan ?? .single(model.configuration)
        imagePosition = model.promptEncoder.densePositionalEncoding()
        lowResSize = model.configuration.lowResSize
        self.isCheckpointing = isCheckpointing
        self.precision = precision
    }

    /// - Parameters:
    ///   - examples: at least one.
    ///   - objectsInStep: objects of the whole step; each counts for one part in so many. Who does not know them yet says about
    ///     how many there are, and corrects gradients and terms by a factor when all are through.
    /// - Returns: the examples' part of the step's loss.
    /// - Throws: `TrainingError.notFinite` that names the tensor; gradients are then undefined.
    package func accumulate(_ examples: [TrainingExample], objectsInStep: Double) throws(TrainingError) -> LossTerms {
        guard examples.contains(where: { !$0.objects.isEmpty }) else { return LossTerms() }
        return try Kernels.withProducts(of: precision.format) { () throws(TrainingError) in
            try SavedActivations.with(precision.format, roundingAttention: true) { () throws(TrainingError) in
                plan.promptProtocol == .single
                    ? try gather(examples, objectsInStep: objectsInStep)
                    : try gatherRounds(examples, objectsInStep: objectsInStep)
            }
        }
    }

    private func gather(_ examples: [TrainingExample], objectsInStep: Double) throws(TrainingError) -> LossTerms {
        var terms = LossTerms()
        let images = features(of: examples)
        var losses: [(tensor: Tensor, seed: Tensor)] = []
        for (example, image) in zip(examples, images) {
            for group in Self.groups(example.objects) {
                let part = loss(of: group, image: image, frame: example.frame)
                let share = 1 / objectsInStep
                terms.add(part.terms, times: share)
                losses.append((part.loss, Tensor(Float(share * lossScale))))
                try check(part.terms, image, example)
            }
        }
        backward(losses)
        (terms.firstMaskIoU, terms.lastMaskIoU) = (terms.maskIoU, terms.maskIoU)
        return terms
    }

    /// Demands that a loss is a number.
    func check(_ terms: LossTerms, _ image: ImageFeatures, _ example: TrainingExample) throws(TrainingError) {
        guard !terms.total.isFinite else { return }
        throw TrainingError(
            .notFinite, "\(cause(image.embedding)) is not finite; a lower learning rate may help, in another run",
            at: DataLocation(imageID: example.imageID))
    }

    private func loss(
        of objects: [TrainingObject], image: ImageFeatures, frame: ImageFrame
    ) -> (loss: Tensor, terms: LossTerms) {
        let prompts = objects.map(\.prompt)
        let output = model.masks(
            image: image, imagePosition: imagePosition,
            prompts: PromptBatch(prompts, in: frame, lowResSize: lowResSize),
            multimaskOutput: model.configuration.wantsSeveralMasks(for: prompts[0]))
        return objective(
            output, targets: MaskTargets(objects, for: objective, frame: frame), random: places(of: objects, round: 0))
    }

    /// Objects whose prompts are of one kind go through the decoder together.
    private static func groups(_ objects: [TrainingObject]) -> [[TrainingObject]] {
        let ambiguous = objects.filter(\.prompt.isAmbiguous)
        let clear = objects.filter { !$0.prompt.isAmbiguous }
        return [clear, ambiguous].filter { !$0.isEmpty }
    }

    /// The first tensor on the way to the loss that is not finite.
    private func cause(_ embedding: Tensor) -> String {
        if let parameter = model.parameters.first(where: { !$0.value.sumOfSquares.isFinite }) { return parameter.name }
        return embedding.sumOfSquares.isFinite ? "the loss" : "the image embedding"
    }
}
