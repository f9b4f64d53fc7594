internal import Runtime
internal import SAM
internal import Tensors

extension GradientBatch {
    /// Forward and backward of all rounds of prompts of a few images.
    ///
    /// Each image is encoded once. Every round runs backward through the decoder at once, so that memory does not grow with
    /// the rounds: masks that are fed back carry no gradient. What flows to the features is gathered, and runs through the encoder
    /// at the end. The loss is the mean over rounds, then over the step's objects.
    func gatherRounds(_ examples: [TrainingExample], objectsInStep: Double) throws(TrainingError) -> LossTerms {
        var terms = LossTerms()
        var encoder: [(tensor: Tensor, seed: Tensor)] = []
        for (example, image) in zip(examples, features(of: examples)) where !example.objects.isEmpty {
            let leaf = ImageLeaf(
                model.detailed(image, imagePosition: imagePosition, prompts: example.objects.count))
            terms.add(
                try gatherRounds(of: example, image: leaf.features, objectsInStep: objectsInStep), times: 1)
            encoder += leaf.gradients
        }
        backward(encoder)
        return terms
    }

    private func gatherRounds(
        of example: TrainingExample, image: ImageFeatures, objectsInStep: Double
    ) throws(TrainingError) -> LossTerms {
        var terms = LossTerms()
        let rounds = plan.rounds(stream: example.stream)
        let share = 1 / objectsInStep
        var asked = AskedObjects(example, plan: plan, model: model.configuration)
        var targets: [[Int]: MaskTargets] = [:]
        for (number, round) in rounds.enumerated() {
            if round.addsClicks { asked.addClicks(round: number) }
            var answers: [(group: AskedObjects.Group, output: MaskDecoder.Output)] = []
            for group in asked.groups(round, isFirst: number == 0) {
                let objects = group.indices.map { example.objects[$0] }
                let wanted =
                    targets[group.indices] ?? MaskTargets(objects, for: objective, frame: example.frame)
                targets[group.indices] = wanted
                let output = model.masks(
                    image: image, imagePosition: imagePosition, prompts: group.prompts,
                    multimaskOutput: group.wantsSeveral)
                let part = objective(output, targets: wanted, random: places(of: objects, round: number))
                try check(part.terms, image, example)
                backward(part.loss, seed: Tensor(Float(share / Double(rounds.count) * lossScale)))
                terms.add(part.terms, times: share / Double(rounds.count))
                if number == 0 { terms.firstMaskIoU += share * part.terms.maskIoU }
                if number == rounds.count - 1 { terms.lastMaskIoU += share * part.terms.maskIoU }
                let answer = MaskDecoder.Output(
                    lowResMasks: output.lowResMasks.detached, iouPredictions: output.iouPredictions.detached)
                answers.append((group, answer))
            }
            asked.remember(answers)
        }
        return terms
    }

    /// Streams for the places at which the masks of objects are compared in a round; none where the loss wants none.
    func places(of objects: [TrainingObject], round: Int) -> [CounterRandom] {
        objective.pointCount == 0
            ? []
            : objects.map {
                CounterRandom(seed: $0.stream, sample: UInt64(round), purpose: RandomPurpose("loss points"))
            }
    }
}
