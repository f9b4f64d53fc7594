internal import JSONText
internal import Layers
internal import Runtime
internal import SAM
internal import Tensors

extension Trainer {
    /// Trains to the end of the epoch in progress.
    ///
    /// - Returns: whether it got there; false when it was told to stop before.
    func runEpoch(log: MetricsLog) throws -> Bool {
        try beginFeed()
        let gradients = try GradientBatch(model, configuration: configuration)
        while state.imagesInEpoch < plan.images {
            let start = ContinuousClock.now
            let images = min(plan.imagesPerStep, plan.images - state.imagesInEpoch)
            guard let (terms, taught) = try accumulate(images, gradients) else { return false }
            let event = try update(terms, images: images, start: start)
            state.lossSum += terms.total * Double(taught)
            state.lossImages += taught
            observe(.stepped(event))
            try log.append(event.json)
            if state.imagesInEpoch < plan.images, lastSaved.secondsSince > Self.checkpointPause {
                try save(as: [.last])
            }
        }
        // The loader says that its epoch is over before it begins the next.
        _ = try feed.next()
        state.epoch += 1
        state.imagesInEpoch = 0
        epochsTrained += 1
        return true
    }

    /// Gathers the gradient of one step.
    ///
    /// - Returns: the step's loss, a mean over the images that had objects, and their number; nil when told to stop.
    private func accumulate(
        _ images: Int, _ gradients: GradientBatch
    ) throws -> (terms: LossTerms, taught: Int)? {
        for parameter in trained { parameter.gradient = nil }
        var terms = LossTerms()
        var taught = 0
        var done = 0
        while done < images {
            if shouldStop() { return nil }
            var examples: [TrainingExample] = []
            while examples.count < min(configuration.batchSize, images - done), let example = try feed.next() {
                examples.append(example)
            }
            examples = feed.encoded(examples) { observe(.remarked($0)) }
            precondition(!examples.isEmpty, "the loader ended after \(done) of \(images) images of a step")
            do throws(TrainingError) {
                terms.add(try gradients.accumulate(examples, imagesInStep: images), times: 1)
            } catch {
                throw TrainingError(error.code, "step \(state.step + 1): " + error.message, at: error.location)
            }
            taught += examples.count { !$0.objects.isEmpty }
            done += examples.count
        }
        var mean = LossTerms()
        if taught > 0 { mean.add(terms, times: Double(images) / Double(taught)) }
        return (mean, taught)
    }

    /// Changes the weights by the gradient that was gathered.
    private func update(
        _ terms: LossTerms, images: Int, start: ContinuousClock.Instant
    ) throws(TrainingError) -> TrainingEvent.Step {
        let norm = GradientNorm.global(of: trained)
        if !norm.isFinite {
            let name = GradientNorm.firstNotFinite(in: trained)?.name ?? "all parameters together"
            throw TrainingError(
                .notFinite,
                "step \(state.step + 1): the gradient of \(name) is not finite; a lower learning rate may help, in another run"
            )
        }
        let rate = schedule.rate(atStep: state.step)
        warmUpJoined()
        let clip = configuration.gradientClip
        optimizer.step(
            learningRate: rate,
            gradientScale: clip > 0 ? GradientNorm.clippingFactor(norm: norm, maximum: clip) : 1)
        state.step += 1
        state.imagesInEpoch += images
        let seconds = start.secondsSince
        stepSeconds += seconds
        stepsDone += 1
        imagesDone += images
        return TrainingEvent.Step(
            step: state.step, totalSteps: plan.steps(epochs: state.plannedEpochs), epoch: state.epoch + 1, terms: terms,
            learningRate: rate, gradientNorm: norm, images: images, seconds: seconds)
    }

    /// The learning rates of the run as it is planned now.
    private var schedule: LearningRateSchedule {
        let total = plan.steps(epochs: state.plannedEpochs)
        return LearningRateSchedule(
            baseRate: configuration.resolvedLearningRate,
            // A run that is shortened still has to leave its warm-up behind.
            warmupSteps: min(configuration.warmupSteps ?? plan.defaultWarmup(epochs: state.plannedEpochs), total / 2),
            totalSteps: total, decay: .cosine(finalFraction: configuration.finalLearningRate))
    }
}
