internal import JSONText
internal import Layers
internal import Pipeline
internal import Runtime
internal import SAM
internal import Shards
internal import Tensors

extension Trainer {
    /// Trains to the end of the epoch in progress.
    ///
    /// - Returns: whether it got there; false when it was told to stop before.
    func runEpoch(_ loader: SampleLoader<TrainingExample>, log: MetricsLog) throws -> Bool {
        let gradients = GradientBatch(model, objective: MaskObjective(weights: configuration.loss))
        var lossSum = 0.0
        var objectCount = 0
        let first = state.imagesInEpoch
        while state.imagesInEpoch < plan.images {
            let start = ContinuousClock.now
            let images = min(plan.imagesPerStep, plan.images - state.imagesInEpoch)
            guard let (terms, objects) = try accumulate(images, from: loader, gradients) else { return false }
            let event = try update(terms, images: images, start: start)
            observe(.stepped(event))
            try log.append(event.json)
            lossSum += terms.total * Double(images)
            objectCount += objects
            if state.imagesInEpoch < plan.images, lastSaved.secondsSince > Self.checkpointPause {
                try save(as: [.last])
            }
        }
        guard objectCount > 0 || first > 0 else {
            throw TrainingError(
                .data,
                "no object of the whole set can be learnt: all are crowds, or smaller than min-object-area "
                    + "(\(configuration.minObjectArea) pixels)", at: DataLocation(path: shards.path))
        }
        epochLoss = lossSum / Double(plan.images - first)
        // The loader says that its epoch is over before it begins the next.
        _ = try loader.next()
        state.epoch += 1
        state.imagesInEpoch = 0
        return true
    }

    /// Gathers the gradient of one step.
    ///
    /// - Returns: the step's loss and number of objects; nil when told to stop.
    private func accumulate(
        _ images: Int, from loader: SampleLoader<TrainingExample>, _ gradients: GradientBatch
    ) throws -> (terms: LossTerms, objects: Int)? {
        for parameter in trained { parameter.gradient = nil }
        var terms = LossTerms()
        var objects = 0
        var done = 0
        while done < images {
            if shouldStop() { return nil }
            var examples: [TrainingExample] = []
            while examples.count < min(configuration.batchSize, images - done), let example = try loader.next() {
                examples.append(example)
            }
            precondition(!examples.isEmpty, "the loader ended after \(done) of \(images) images of a step")
            do throws(TrainingError) {
                terms.add(try gradients.accumulate(examples, imagesInStep: images), times: 1)
            } catch {
                throw TrainingError(error.code, "step \(state.step + 1): " + error.message, at: error.location)
            }
            objects += examples.reduce(0) { $0 + $1.objects.count }
            done += examples.count
        }
        return (terms, objects)
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
                "step \(state.step + 1): the gradient of \(name) is not finite; a lower learning rate may help")
        }
        let rate = schedule.rate(atStep: state.step)
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
        LearningRateSchedule(
            baseRate: configuration.learningRate ?? (configuration.weights == nil ? 1e-3 : 1e-4),
            warmupSteps: configuration.warmupSteps ?? plan.defaultWarmup(epochs: state.plannedEpochs),
            totalSteps: plan.steps(epochs: state.plannedEpochs),
            decay: .cosine(finalFraction: configuration.finalLearningRate))
    }
}
