internal import Pipeline
private import Runtime

extension TrainingConfiguration {
    /// All keys of `train.yaml`, in the order in which a resolved configuration is written.
    package static let keys: [ConfigurationKey<TrainingConfiguration>] = [
        .text("shards", \.shards),
        .optionalText("val", \.val),
        .integer("validate-every", \.validateEvery, in: 1...1_000_000),
        .optionalText("model", \.model),
        .optionalText("weights", \.weights),
        .optionalText("lora", \.lora),
        .optionalText("preset", \.preset) { name throws(TrainingError) in _ = try TrainingPreset.named(name) },
        .words("train-only", \.trainOnly, expected: "a list of name patterns"),
        .words("freeze", \.freeze, expected: "a list of name patterns"),
        .words("unfreeze", \.unfreeze, expected: "a list of EPOCH:PATTERN") { text throws(TrainingError) in
            _ = try UnfreezeRule(text)
        },
        .optionalInteger("unfreeze-warmup-steps", \.unfreezeWarmupSteps, in: 0...1_000_000_000),
        .integer("lora-rank", \.loraRank, in: 0...4096),
        .optionalNumber("lora-alpha", \.loraAlpha, expected: "a number above 0") { $0 > 0 },
        .words("lora-targets", \.loraTargets, expected: "a list such as q,v,mlp=8,decoder=4:8") {
            text throws(TrainingError) in _ = try AdapterTarget(text)
        },
        .choice("batch-norm", \.batchNorm),
        .choice("cache", \.cache),
        .optionalText("cache-folder", \.cacheFolder),
        .choice("cache-format", \.cacheFormat),
        .integer("cache-variants", \.cacheVariants, in: 1...4096),
        .integer("epochs", \.epochs, in: 1...1_000_000),
        .integer("batch-size", \.batchSize, in: 1...4096),
        .integer("accumulate", \.accumulate, in: 1...4096),
        .integer("objects-per-image", \.objectsPerImage, in: 1...4096),
        .truth("checkpoint-activations", \.checkpointActivations),
        .choice("precision", \.precision),
        .number("loss-scale", \.lossScale, expected: "a number of at least 1") { $0 >= 1 },
        .byteCount("max-memory", \.maxMemory),
        .number("checkpoint-every", \.checkpointEvery, expected: "a number of minutes of at least 0") { $0 >= 0 },
        .optionalInteger("patience", \.patience, in: 1...1_000_000),
        .optionalNumber("max-minutes", \.maxMinutes, expected: "a number of minutes above 0") { $0 > 0 },
        .choice("optimizer", \.optimizer),
        .optionalNumber("learning-rate", \.learningRate, expected: "a number above 0") { $0 > 0 },
        .namedNumbers("learning-rates", \.learningRates, expected: "factors of at least 0 by name pattern") { $0 >= 0 },
        .number("layer-decay", \.layerDecay, expected: "a factor above 0 and at most 1") { $0 > 0 && $0 <= 1 },
        .choice("schedule", \.schedule),
        .number("polynomial-power", \.polynomialPower, expected: "a number above 0") { $0 > 0 },
        .numbers("steps-at", \.stepsAt, expected: "different shares of all steps, from 0 to 1") { shares in
            shares.allSatisfy((0...1).contains) && Set(shares).count == shares.count
        },
        .number("step-factor", \.stepFactor, expected: "a factor from 0 to 1") { (0...1).contains($0) },
        .number("plateau-factor", \.plateauFactor, expected: "a factor above 0 and at most 1") { $0 > 0 && $0 <= 1 },
        .integer("plateau-patience", \.plateauPatience, in: 1...1_000_000),
        .number("final-learning-rate", \.finalLearningRate, expected: "a share of the peak, from 0 to 1") {
            (0...1).contains($0)
        },
        .optionalInteger("warmup-steps", \.warmupSteps, in: 0...1_000_000_000),
        .number("weight-decay", \.weightDecay, expected: "a number of at least 0") { $0 >= 0 },
        .number("beta1", \.beta1, expected: "a number from 0 to below 1") { (0..<1).contains($0) },
        .number("beta2", \.beta2, expected: "a number from 0 to below 1") { (0..<1).contains($0) },
        .number("momentum", \.momentum, expected: "a number from 0 to below 1") { (0..<1).contains($0) },
        .number("ema", \.ema, expected: "a number from 0 to below 1") { (0..<1).contains($0) },
        .number("gradient-clip", \.gradientClip, expected: "a norm above 0, or 0 for no limit") { $0 >= 0 },
        .loss("loss", \.loss),
        .number("focal-alpha", \.focalAlpha, expected: "a share from 0 to 1") { (0...1).contains($0) },
        .number("focal-gamma", \.focalGamma, expected: "a number from 0 to 16") { (0...16).contains($0) },
        .number("tversky-alpha", \.tverskyAlpha, expected: "a number of at least 0") { $0 >= 0 },
        .number("tversky-beta", \.tverskyBeta, expected: "a number of at least 0") { $0 >= 0 },
        .integer("loss-points", \.lossPoints, in: 0...1_000_000),
        .optionalChoice("prompts", \.prompts),
        .optionalInteger("prompt-rounds", \.promptRounds, in: 1...64),
        .number("mask-probability", \.maskProbability, expected: "a probability from 0 to 1") { (0...1).contains($0) },
        .number("box-probability", \.boxProbability, expected: "a probability from 0 to 1") { (0...1).contains($0) },
        .number("box-noise", \.boxNoise, expected: "a share of the side, from 0 to 1") { (0...1).contains($0) },
        .number("box-noise-limit", \.boxNoiseLimit, expected: "a number of pixels of at least 0") { $0 >= 0 },
        .integer("min-object-area", \.minObjectArea, in: 1...1_000_000_000),
        .integer("min-per-class", \.minPerClass, in: 0...1_000_000_000),
        .shuffle("shuffle", \.shuffle),
        .corruptRecords("skip-corrupt", \.skipCorrupt),
        .augmentations("augment", \.augment),
        .augmentationSteps("augment-steps", \.augmentSteps),
        .trackers("track", \.track),
        .optionalText("mlflow-url", \.mlflowURL),
        .optionalText("run-name", \.runName),
        .optionalText("experiment", \.experiment),
        .integer("sample-images", \.sampleImages, in: 0...1000),
        .truth("report", \.report),
        .integer("report-clicks", \.reportClicks, in: 0...64),
        .integer("report-images", \.reportImages, in: 1...1_000_000_000),
        .integer("report-objects", \.reportObjects, in: 1...1_000_000_000),
        .integer("report-automatic", \.reportAutomatic, in: 0...1_000_000_000),
        .seed("seed", \.seed),
    ]

    /// Sets the field of one key.
    ///
    /// - Throws: `TrainingError.configuration` for a key that does not exist, naming the nearest one, or a value that
    ///   the key does not take.
    package mutating func set(_ name: String, to value: ConfigurationValue) throws(TrainingError) {
        guard let key = Self.keys.first(where: { $0.name == name }) else {
            let hint = NameSuggestion.sentence(for: name, among: Self.keys.map(\.name))
            throw TrainingError(.configuration, "'\(name)' is not a configuration key.\(hint)")
        }
        try key.set(value, &self)
    }
}

extension ConfigurationKey {
    /// Loss weights: a mapping of terms, one text such as `focal=20,dice=1,iou=1`, or the name of a recipe.
    static func loss(
        _ name: String, _ path: Field<LossWeights>
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path,
            expected: "weights such as focal=20,dice=1,iou=1, or one of "
                + LossWeights.presets.map(\.name).joined(separator: ", "), takesLists: true,
            parse: { (value: ConfigurationValue) throws(TrainingError) -> LossWeights? in
                if case .text(let name) = value, !name.contains("=") {
                    return LossWeights.presets.first { $0.name == name }?.weights
                }
                guard let pairs = pairs(of: value), !pairs.isEmpty else { return nil }
                return try LossWeights(pairs: pairs.map { (name: $0.name, value: $0.value) })
            },
            write: { weights in
                .pairs(
                    weights.writtenTerms.map { term in
                        .init(name: term.name, value: ConfigurationNumber.text(term.weight))
                    })
            })
    }

    /// In what order an epoch takes its images: `none`, `global` or `window=N`.
    static func shuffle(_ name: String, _ path: Field<LoaderShuffle>) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "none, global, or window=N with N of at least 2",
            parse: { value in
                guard case .text(let text) = value else { return nil }
                return LoaderShuffle(text)
            },
            write: { .text($0.description) })
    }

    /// What becomes of records that cannot be read: `fail`, `skip`, or how many may be left out.
    static func corruptRecords(_ name: String, _ path: Field<CorruptRecordPolicy>) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "fail, skip, or the number of records that may be left out",
            parse: { value in
                guard case .text(let text) = value else { return nil }
                return CorruptRecordPolicy(ConfigurationNumber.whole(text).map(String.init) ?? text)
            },
            write: { .text($0.description) })
    }

    /// Families of augmentation: a list of their names, or `none`.
    static func augmentations(
        _ name: String, _ path: Field<[AugmentationFamily]>
    ) -> ConfigurationKey {
        let known = AugmentationFamily.allCases.map(\.rawValue).joined(separator: ", ")
        return ConfigurationKey(
            name, path, expected: "a list of \(known), or none", takesLists: true,
            parse: { (value: ConfigurationValue) throws(TrainingError) -> [AugmentationFamily]? in
                guard value != .null, let items = words(of: value) else { return nil }
                if items == ["none"] { return [] }
                let families = items.compactMap(AugmentationFamily.init(rawValue:))
                guard families.count == items.count else { return nil }
                return AugmentationFamily.allCases.filter(families.contains)
            },
            write: { $0.isEmpty ? .text("none") : .list($0.map(\.rawValue)) })
    }

    /// A chain of augmentation steps: YAML or JSON as text, or nothing.
    static func augmentationSteps(_ name: String, _ path: Field<String?>) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a list of steps such as [D4, {Affine: {rotate: 20}}]",
            parse: { (value: ConfigurationValue) throws(TrainingError) -> String?? in
                switch value {
                case .null, .text("none"): return .some(nil)
                case .text(let text): return try AugmentationFile.steps(of: text)
                case .list(let names):
                    // A list of words: steps without parameters.
                    return try AugmentationFile.steps(of: "[" + names.joined(separator: ", ") + "]")
                case .pairs: return nil
                }
            },
            write: { $0.map { .text($0) } ?? .null })
    }

    /// Names of trackers: a list of them, or `none`.
    static func trackers(_ name: String, _ path: Field<[TrackerKind]>) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a list of \(TrackerKind.allCases.map(\.rawValue).joined(separator: ", ")), or none",
            takesLists: true,
            parse: { (value: ConfigurationValue) throws(TrainingError) -> [TrackerKind]? in
                guard value != .null, let items = words(of: value) else { return nil }
                if items == ["none"] { return [] }
                let kinds = items.compactMap(TrackerKind.init(rawValue:))
                return kinds.count == items.count ? TrackerKind.allCases.filter(kinds.contains) : nil
            },
            write: { $0.isEmpty ? .text("none") : .list($0.map(\.rawValue)) })
    }

    /// A seed: any 64-bit unsigned number.
    static func seed(
        _ name: String, _ path: Field<UInt64>
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a whole number from 0 to \(UInt64.max)",
            parse: { value in
                guard case .text(let text) = value else { return nil }
                return UInt64(text) ?? Double(text).flatMap(UInt64.init(exactly:))
            },
            write: { .text(String($0)) })
    }
}
