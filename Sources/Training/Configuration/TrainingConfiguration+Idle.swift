package import SAM

extension TrainingConfiguration {
    /// Keys that are set and change nothing beside the others, each group with its reason.
    private struct Idle {
        let names: [String]
        let isIdle: Bool
        let reason: String

        init(_ names: String..., if isIdle: Bool, _ reason: String) {
            self.names = names
            self.isIdle = isIdle
            self.reason = reason
        }
    }

    /// What to say of keys that differ from their defaults and have no effect: a sentence for each reason.
    ///
    /// - Parameters:
    ///   - frozenDepth: how far the encoder is frozen when the run begins.
    ///   - hasBatchNorms: whether the encoder has batch normalisations.
    ///   - given: keys that somebody wrote on a command line, defaults or not.
    package func idleRemarks(
        frozenDepth: EncoderDepth, hasBatchNorms: Bool = true, given: Set<String> = []
    ) -> [String] {
        let defaults = TrainingConfiguration()
        let changed = Set(Self.keys.filter { $0.get(self) != $0.get(defaults) }.map(\.name)).union(given)
        var told: Set<String> = []
        return idle(frozenDepth, hasBatchNorms).compactMap { group in
            let names = group.names.filter { group.isIdle && changed.contains($0) && told.insert($0).inserted }
            if names.isEmpty { return nil }
            return "\(names.joined(separator: ", ")) \(names.count == 1 ? "has" : "have") no effect: \(group.reason)"
        }
    }

    /// What to say of a frozen encoder whose results cannot be kept although nobody turned that off; nil where they are.
    ///
    /// - Parameters: as of ``idleRemarks(frozenDepth:hasBatchNorms:given:)``.
    func uncachedRemark(frozenDepth: EncoderDepth, hasBatchNorms: Bool) -> String? {
        guard cache == .auto, frozenDepth != .pixels else { return nil }
        let reason: String
        if augmentSteps != nil {
            reason = "augment-steps make other images each time (augment with cache-variants makes some that are kept)"
        } else if batchNorm == .batch && hasBatchNorms {
            reason = "with batch-norm: batch an image's results depend on its batch"
        } else {
            return nil
        }
        return "every epoch runs the frozen part of the image encoder again: \(reason)"
    }

    private func idle(_ frozenDepth: EncoderDepth, _ hasBatchNorms: Bool) -> [Idle] {
        model(frozenDepth, hasBatchNorms) + cached(frozenDepth, hasBatchNorms) + optimised + asked + recorded
    }

    private func model(_ frozenDepth: EncoderDepth, _ hasBatchNorms: Bool) -> [Idle] {
        let hasAdapters = (try? AdapterSettings(self))?.targets.isEmpty == false
        let isEncoderFixed = frozenDepth == .features && unfreeze.isEmpty
        return [
            Idle(
                "lora-alpha", "lora-targets", if: !hasAdapters,
                "there are no adapters without lora-rank or the preset decoder+lora"),
            Idle("batch-norm", if: !hasBatchNorms, "the image encoder has no batch normalisations"),
            Idle("unfreeze-warmup-steps", if: unfreeze.isEmpty, "unfreeze names nothing that joins later"),
            Idle(
                "checkpoint-activations", "layer-decay", "batch-norm", if: isEncoderFixed,
                "no part of the image encoder is trained"),
        ]
    }

    private func cached(_ frozenDepth: EncoderDepth, _ hasBatchNorms: Bool) -> [Idle] {
        [
            Idle("augment", if: augmentSteps != nil, "augment-steps stand in its place"),
            Idle("cache-folder", "cache-format", "cache-variants", if: cache == .off, "cache is off"),
            Idle(
                "cache-folder", "cache-format", "cache-variants", if: augmentSteps != nil,
                "augment-steps make other images in each epoch, of which nothing is kept"),
            Idle(
                "cache-folder", "cache-format", "cache-variants", if: batchNorm == .batch && hasBatchNorms,
                "with batch-norm: batch an image's results depend on its batch, and none are kept"),
            Idle(
                "cache-folder", "cache-format", "cache-variants", if: frozenDepth == .pixels,
                "no part of the image encoder is frozen, so that there is nothing to keep"),
            Idle("cache-variants", if: augment.isEmpty, "without augmentation there is one variant of an image"),
        ]
    }

    private var optimised: [Idle] {
        [
            Idle("loss-scale", if: precision != .f16, "only precision f16 scales the loss"),
            Idle("momentum", if: optimizer != .sgd, "only the optimizer sgd has it"),
            Idle("beta1", "beta2", if: optimizer == .sgd, "the optimizer sgd has none"),
            Idle("polynomial-power", if: schedule != .polynomial, "only the schedule polynomial has it"),
            Idle("steps-at", "step-factor", if: schedule != .step, "only the schedule step goes by them"),
            Idle(
                "plateau-factor", "plateau-patience", if: schedule != .plateau, "only the schedule plateau goes by them"
            ),
            Idle(
                "final-learning-rate", if: schedule == .constant || schedule == .step,
                "the schedule \(schedule.rawValue) does not go down to it"),
        ]
    }

    private var asked: [Idle] {
        let prompts = resolvedPrompts
        let comparesOnGridAlone = loss.focal == 0 && loss.dice == 0 && loss.bce == 0 && loss.tversky == 0
        return [
            Idle("focal-alpha", "focal-gamma", if: loss.focal == 0, "the loss has no focal term"),
            Idle("tversky-alpha", "tversky-beta", if: loss.tversky == 0, "the loss has no term tversky"),
            Idle(
                "loss-points", if: comparesOnGridAlone,
                "the terms of the loss are computed on the grid of low-resolution masks alone"),
            Idle("mask-probability", if: prompts != .microSAM, "only the prompts micro-sam leave masks to chance"),
            Idle(
                "box-noise", "box-noise-limit", if: prompts == .microSAM,
                "the prompts micro-sam have boxes that grow by a measure of their own"),
            Idle("box-noise", "box-noise-limit", if: boxProbability == 0, "no object is asked for by a box"),
        ]
    }

    private var recorded: [Idle] {
        let hasServices = track.contains(.mlflow) || track.contains(.wandb)
        return [
            Idle("run-name", "experiment", if: !hasServices, "only the trackers mlflow and wandb take them"),
            Idle("validate-every", "sample-images", if: val == nil, "there are no shards to validate on (val)"),
            Idle(
                "report-clicks", "report-images", "report-objects", "report-automatic", if: val == nil,
                "there are no shards to validate on (val)"),
            Idle(
                "report-clicks", "report-images", "report-objects", "report-automatic", if: !report, "report is false"),
        ]
    }
}
