internal import Layers
internal import Runtime
internal import Tensors

/// What a step's forward and backward passes left: gradients in the parameters, and this.
struct GatheredStep {
    /// The step's loss, a mean over its objects.
    var terms = LossTerms()
    /// Objects that were asked for.
    var objects = 0
    /// Factor that makes the gradients in the parameters those of the mean over the objects.
    var correction = 1.0
    /// Records that were left out, since they cannot be read, and that nobody has heard of yet.
    var leftOut: [LeftOutRecord] = []
    /// What was no number, in a precision in which a step may be left out for it.
    var failure: TrainingError?
}

extension Trainer {
    /// Changes the weights at a rate by the gradient that was gathered, or leaves them as they are.
    ///
    /// With f16 a gradient that is not finite halves the scale of the loss and changes nothing else: the weights and what the
    /// optimiser remembers stay.
    ///
    /// - Returns: the gradient's norm, and why the weights are what they were, if they are.
    /// - Throws: `TrainingError.notFinite` that names step and tensor, where no lower scale can help.
    func change(
        _ gathered: GatheredStep, at rate: Double
    ) throws(TrainingError) -> (norm: Double, failure: TrainingError?) {
        let scale = state.lossScale?.scale ?? 1
        let norm = GradientNorm.global(of: trained) / scale * gathered.correction
        let failure = gathered.failure ?? (norm.isFinite ? nil : notFinite())
        if let failure, !(state.lossScale?.mayShrink ?? false) { throw failure }
        if failure == nil {
            let clip = configuration.gradientClip
            let factor = clip > 0 ? GradientNorm.clippingFactor(norm: norm, maximum: clip) : 1
            optimizer.step(
                learningRate: rate, gradientScale: factor * Float(gathered.correction / scale),
                factor: joiningFactor)
        }
        state.lossScale?.note(isFinite: failure == nil)
        return (norm, failure)
    }

    /// Makes a step of the run by the gradient that was gathered, or leaves it out, while the course of the learning rate goes
    /// on.
    ///
    /// - Returns: the step, made or skipped.
    /// - Throws: as ``change(_:at:)``.
    func update(
        _ gathered: GatheredStep, images: Int, start: ContinuousClock.Instant
    ) throws(TrainingError) -> TrainingEvent {
        let scale = state.lossScale?.scale ?? 1
        let rate = learningRate
        let scales = optimizer.namedScales + joiningScales
        // Nothing to learn from is no gradient of zero, which optimisers would act on.
        let (norm, failure) =
            gathered.objects == 0 && gathered.failure == nil
            ? (0, nil) : try change(gathered, at: rate)
        if failure == nil && gathered.objects > 0 && norm == 0 && state.step == 0 {
            observe(
                .remarked(
                    "warning: the gradient of the first step is zero: the loss does not depend on what is trained (loss, train-only, "
                        + "freeze)"))
        }
        if failure != nil {
            state.skippedSteps += 1
        } else if gathered.objects > 0 {
            average?.update()
        } else {
            state.emptySteps += 1
        }
        noteSaturation(of: SavedActivations.takeSaturationCount())
        state.step += 1
        state.imagesInEpoch += images
        let seconds = start.secondsSince
        stepSeconds += seconds
        stepsDone += 1
        imagesDone += images
        let cause =
            failure?.message ?? (gathered.objects == 0 ? "no image of the step had an object to learn from" : nil)
        if let cause {
            return .skipped(
                TrainingEvent.Skip(
                    step: state.step, epoch: state.epoch + 1, cause: cause,
                    lossScale: state.lossScale?.scale, images: images, seconds: seconds))
        }
        state.lossSum += gathered.terms.total * Double(gathered.objects)
        state.lossObjects += gathered.objects
        return .stepped(
            TrainingEvent.Step(
                step: state.step, totalSteps: plan.steps(epochs: state.plannedEpochs), epoch: state.epoch + 1,
                terms: gathered.terms, learningRate: rate,
                learningRates: scales.count > 1
                    ? scales.map { NamedNumber(name: $0.name, number: rate * $0.number) } : [],
                gradientNorm: norm, lossScale: state.lossScale.map { _ in scale }, images: images, seconds: seconds))
    }

    /// Counts activations that f16 could not keep; the first are warned of.
    private func noteSaturation(of count: Int) {
        if count == 0 { return }
        if state.saturatedActivations == 0 {
            let advice =
                (configuration.precision == .f16 ? ["precision bf16"] : [])
                + (configuration.cacheFormat == .f16 ? ["cache-format f32"] : [])
            observe(
                .remarked(
                    "warning: \(count) activations of step \(state.step + 1) are beyond the range of f16 and were kept as 65504; "
                        + "\(advice.joined(separator: " with ")) has the range for them"))
        }
        state.saturatedActivations += count
    }

    /// The learning rate of the next step, before the factors of groups.
    var learningRate: Double {
        LearningRateSchedule(configuration, plan: plan, epochs: state.plannedEpochs).rate(atStep: state.step)
            * (state.plateau?.rateFactor ?? 1)
    }

    /// What to say of gradients that are not finite.
    private func notFinite() -> TrainingError {
        let name = GradientNorm.firstNotFinite(in: trained)?.name ?? "all parameters together"
        return TrainingError(
            .notFinite,
            "step \(state.step + 1): the gradient of \(name) is not finite; a lower learning rate may help, in another run"
                + (configuration.precision == .f16 ? ", or precision bf16, which has the range of f32" : ""))
    }
}
