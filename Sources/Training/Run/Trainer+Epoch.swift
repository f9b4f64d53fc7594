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
        if state.imagesInEpoch == 0 && parameters.joinEpochs.contains(state.epoch) {
            let joined = parameters.all.filter { parameters.joinEpoch($0.name) == state.epoch }
            observe(
                .remarked(
                    "epoch \(state.epoch + 1): \(joined.count) parameters join those that are trained, "
                        + "\(joined.reduce(0) { $0 + $1.count }) elements"))
        }
        while state.imagesInEpoch < plan.images {
            let start = ContinuousClock.now
            let images = min(plan.imagesPerStep, plan.images - state.imagesInEpoch)
            guard let gathered = try accumulate(images, gradients) else { return false }
            let event = try update(gathered, images: images, start: start)
            for record in gathered.leftOut {
                state.leftOut.append(record)
                try log.append(record.line(step: state.step, epoch: state.epoch + 1))
                observe(.leftOut(record))
            }
            observe(event)
            if let line = event.json { try log.append(line) }
            if state.imagesInEpoch < plan.images, lastSaved.secondsSince >= configuration.checkpointEvery * 60 {
                try save(as: [.last])
            }
        }
        // The loader says that its epoch is over before it begins the next.
        _ = try feed.next(1)
        state.epoch += 1
        state.imagesInEpoch = 0
        epochsTrained += 1
        return true
    }

    /// Gathers the gradient of one step.
    ///
    /// - Parameter prepare: looks at the examples of each pass, or encodes more of them, before it is made.
    /// - Returns: what was gathered; nil when told to stop.
    func accumulate(
        _ images: Int, _ gradients: GradientBatch,
        prepare: ([TrainingExample]) throws(TrainingError) -> [TrainingExample] = { examples in examples }
    ) throws -> GatheredStep? {
        for parameter in trained { parameter.gradient = nil }
        let statistics = runningStatistics
        var isComplete = false
        // A step that is not made to its end leaves nothing behind.
        defer { if !isComplete { for (parameter, value) in statistics { parameter.value = value } } }
        _ = SavedActivations.takeSaturationCount()
        var gradients = gradients
        gradients.lossScale = state.lossScale?.scale ?? 1
        var terms = LossTerms()
        var gathered = GatheredStep()
        // The step's objects are known when its last images are: until then they are taken to be as many as its first ones say,
        // so that gradients have about their final size, which formats of 16 bits ask for.
        var expected = 0.0
        var done = 0
        while done < images {
            if shouldStop() { return nil }
            let turns = min(configuration.batchSize, images - done)
            guard var examples = try feed.next(turns) else {
                preconditionFailure("the loader ended after \(done) of \(images) images of a step")
            }
            examples = feed.encoded(examples) { observe(.remarked($0)) }
            done += turns
            gathered.leftOut += feed.takeLeftOut()
            // The images of a step that is left out are gone all the same, and so are records that cannot be read.
            let objects = examples.reduce(0) { $0 + $1.objects.count }
            if gathered.failure != nil || objects == 0 { continue }
            if expected == 0 { expected = Double(objects * images) / Double(turns) }
            do throws(TrainingError) {
                examples = try prepare(examples)
                terms.add(
                    try withBatchStatistics { () throws(TrainingError) in
                        try gradients.accumulate(examples, objectsInStep: expected)
                    }, times: 1)
            } catch {
                let failure = TrainingError(
                    error.code, "step \(state.step + 1): " + error.message, at: error.location)
                guard failure.code == .notFinite, state.lossScale?.mayShrink ?? false else { throw failure }
                gathered.failure = failure
            }
            gathered.objects += objects
        }
        if gathered.objects > 0 {
            gathered.correction = expected / Double(gathered.objects)
            gathered.terms.add(terms, times: gathered.correction)
        }
        isComplete = true
        return gathered
    }
}
