package import Pipeline
internal import Runtime

/// Everything that decides what a training run does; the same configuration and data give the same bytes.
///
/// Each field has a key of the same name in `train.yaml`, those that are changed most also an option on the command line;
/// see ``TrainingConfiguration/keys``.
package struct TrainingConfiguration: Sendable, Equatable {
    // MARK: Data

    /// Folder of the shards to train on.
    package var shards = ""
    /// Folder of the shards to validate on, or nil for none.
    package var val: String?

    /// Epochs from one validation to the next, at least 1; the last epoch is always validated.
    package var validateEvery = 1

    // MARK: Model

    /// Name of the model's architecture, such as `nano` or `vit_b`; nil for that of the weights, or `nano`.
    package var model: String?
    /// Checkpoint to start from, or nil for random weights.
    package var weights: String?
    /// Adapter of low rank to start from, or nil: a file of Sam_LoRA or SAMed, merged into the weights before training. Where
    /// the run has adapters of the same rank for q and v, and no others, training goes on with the file's matrices instead.
    package var lora: String?

    // MARK: What is trained

    /// Name of a choice of what is trained, such as `decoder` or `last-4-blocks`, in place of `train-only`; nil for what the
    /// patterns say. See ``TrainingPreset``.
    package var preset: String?
    /// Name patterns of the only parameters of the model that are trained; empty for all, or with adapters none.
    package var trainOnly: [String] = []
    /// Name patterns of the model's parameters that are left as they are, whatever a preset says; adapters beside them are
    /// trained.
    package var freeze: [String] = []
    /// Parameters that join later, as `EPOCH:PATTERN`: from the end of so many epochs on. A pattern may be a preset's name.
    package var unfreeze: [String] = []
    /// Steps of warm-up of parameters that join later; nil for ``warmupSteps``, or where that is nil too for a twentieth of the
    /// run, at least 10 or an epoch's.
    package var unfreezeWarmupSteps: Int?
    /// Rank of adapters that are trained in place of the layers that they stand beside, weight and bias; 0 for none, but
    /// with the preset `decoder+lora` for 4. Without `preset` and `train-only` nothing else is trained then.
    package var loraRank = 0
    /// What an adapter counts: its product is scaled by alpha / rank; nil stands for the rank.
    package var loraAlpha: Double?
    /// What gets adapters, each with its own `=RANK` or `=RANK:ALPHA` where wanted: of the image encoder's blocks `q`, `k`,
    /// `v`, `out` and `mlp`; `decoder`, all linear layers of the mask decoder; or name patterns of weights. Of two that mean
    /// the same place the later one counts.
    package var loraTargets = ["q", "v"]

    /// Which statistics batch normalisations use in the steps; only the encoder TinyViT has some.
    package var batchNorm = BatchNormMode.frozen

    // MARK: Cache

    /// Whether what the frozen part of the encoder makes of images is kept for the next epoch.
    package var cache = CachePolicy.auto
    /// Folder of the cache, or nil for one in the run's.
    package var cacheFolder: String?
    /// How the cache keeps numbers.
    package var cacheFormat = CacheFormat.f32
    /// Augmented variants of each image that are cached, at least 1; epochs take turns with them.
    package var cacheVariants = 4

    // MARK: Steps

    /// Passes over the data, at least 1.
    package var epochs = 20
    /// Images a forward pass, at least 1.
    package var batchSize = 1
    /// Forward passes an optimiser step, at least 1.
    package var accumulate = 4
    /// Objects drawn from an image each time it is seen, at least 1.
    package var objectsPerImage = 16
    /// Whether the encoder's blocks keep their input alone and are computed again on the way back.
    package var checkpointActivations = false
    /// How activations are kept until their gradients are wanted.
    package var precision = Precision.f32
    /// Factor of the loss in the format f16 to begin with, which is then adapted; see ``Precision/f16``.
    package var lossScale = 65536.0
    /// Bytes that the run may use, or nil for no limit.
    package var maxMemory: Int?
    /// Minutes after which the run ends early, or nil for no limit; the schedule is shortened so that it still decays.
    package var maxMinutes: Double?

    /// Minutes from one checkpoint to the next within an epoch; 0 for one after every step.
    package var checkpointEvery = 10.0
    /// Validations without improvement after which the run ends, or nil for none.
    package var patience: Int?

    // MARK: Optimiser

    /// The rule by which weights follow their gradients.
    package var optimizer = OptimizerKind.adamw
    /// Peak learning rate; nil stands for 1e-4 from given weights and 1e-3 from random ones.
    package var learningRate: Double?
    /// Factors of the learning rate by name pattern; the first pattern that a name matches counts.
    package var learningRates: [NamedNumber] = []
    /// Factor of the learning rate from each block of the encoder to the one before, above 0 and at most 1.
    package var layerDecay = 1.0
    /// The course of the learning rate after the warm-up.
    package var schedule = ScheduleKind.cosine
    /// Exponent of the polynomial course.
    package var polynomialPower = 0.9
    /// Shares of all steps at which the course of steps goes down.
    package var stepsAt = [0.667, 0.963]
    /// Factor of each of these steps down.
    package var stepFactor = 0.1
    /// Factor after a plateau.
    package var plateauFactor = 0.9
    /// Validations without improvement that a plateau takes; after one more the rate falls.
    package var plateauPatience = 3
    /// Share of the peak at which a falling course ends, 0...1.
    package var finalLearningRate = 0.01
    /// Steps of linear warm-up; nil stands for a twentieth of all steps, at most 250.
    package var warmupSteps: Int?
    /// Weight decay: decoupled with adamw, a part of the gradient with adam and sgd; biases, norms and position tables are
    /// left out.
    package var weightDecay = 0.1
    /// Decay of Adam's and AdamW's mean of gradients, 0..<1.
    package var beta1 = 0.9
    /// Decay of Adam's and AdamW's mean of squared gradients, 0..<1.
    package var beta2 = 0.999
    /// Share of the earlier direction that plain gradient descent keeps, 0..<1.
    package var momentum = 0.9
    /// Decay of the moving average of weights that is validated and kept as the best; 0 for none.
    package var ema = 0.0
    /// Largest norm of all gradients together; 0 for no limit.
    package var gradientClip = 1.0

    // MARK: Loss and prompts

    /// Weights of the loss's terms.
    package var loss = LossWeights()
    /// Weight of the foreground in the focal loss, 0...1.
    package var focalAlpha = 0.25
    /// Exponent of the focal loss, 0...16.
    package var focalGamma = 2.0
    /// What false positives and false negatives count in the Tversky loss.
    package var tverskyAlpha = 0.3
    package var tverskyBeta = 0.7
    /// Places at full resolution at which masks are compared; 0 for all cells of the low-resolution mask.
    package var lossPoints = 0
    /// How objects are asked for in a step; nil stands for `micro-sam` from given weights and `single` from random ones.
    package var prompts: PromptProtocol?
    /// Rounds of prompts in a step, or nil for as many as the protocol has.
    package var promptRounds: Int?
    /// Probability that a round gets the mask of the one before as a prompt, where the protocol leaves it open.
    package var maskProbability = 0.5
    /// Probability that an object is prompted by its box rather than by a point; with micro-sam's protocol the share of images
    /// whose objects are.
    package var boxProbability = 0.5
    /// Standard deviation of the noise on box corners, as a share of the box's side; micro-sam's boxes only grow, see
    /// ``FirstPrompts``.
    package var boxNoise = 0.1
    /// Largest shift of a box corner, in pixels of the original image.
    package var boxNoiseLimit = 20.0
    /// Objects with fewer pixels than this are left out.
    package var minObjectArea = 1
    /// Classes of which an epoch shows fewer objects than this are warned of before the first step; 0 for no warning.
    package var minPerClass = 10

    // MARK: Order

    /// In what order an epoch takes its images.
    package var shuffle = LoaderShuffle.global
    /// What becomes of a record that cannot be read, or whose image cannot be decoded. A record that is left out keeps its
    /// place in the order: nothing else changes.
    package var skipCorrupt = CorruptRecordPolicy.fail

    // MARK: Augmentation

    /// Families of augmentation in use.
    package var augment: [AugmentationFamily] = [.dihedral, .photometric]
    /// A chain of augmentation steps in place of the families, as JSON (see `AugmentationChain`); nil for none. Images are
    /// then new in each epoch, and no embedding of them is kept.
    package var augmentSteps: String?

    // MARK: Records of the run

    /// Where the run is recorded beside `metrics.jsonl`.
    package var track: [TrackerKind] = [.tensorboard]
    /// Address of an MLflow server.
    package var mlflowURL: String?
    /// What the run is called there, and what it is part of; nil for the folder's name, and `samdata`.
    package var runName: String?
    package var experiment: String?
    /// Images whose masks are drawn at each validation.
    package var sampleImages = 4
    /// Whether the run ends with a comparison of its model with the one it began from, and `report.html`.
    package var report = true
    /// Clicks up to which objects are asked for in that comparison; 0 leaves them out.
    package var reportClicks = 8
    /// Images and objects that the comparison looks at, at most, spread evenly over the set; at least 1.
    package var reportImages = 200
    package var reportObjects = 2000
    /// Images on which the comparison looks for objects without a prompt, at most; 0 leaves that out.
    package var reportAutomatic = AutomaticMaskCheck.usualImages

    // MARK: Run

    /// Seed of everything random.
    package var seed: UInt64 = 0

    package init() {}

    /// The peak learning rate, whether given or not.
    var resolvedLearningRate: Double { learningRate ?? (weights == nil ? 1e-3 : 1e-4) }

    /// How objects are asked for in a step, whether given or not.
    var resolvedPrompts: PromptProtocol { prompts ?? (weights == nil ? .single : .microSAM) }

    /// Images an optimiser step takes: ``batchSize`` times ``accumulate``.
    package var imagesPerStep: Int { batchSize * accumulate }
}

extension TrainingConfiguration {
    /// Demands that a run can go on under this configuration: only its length may change.
    ///
    /// - Parameter weightsMayMove: whether ``TrainingState/startingModel(_:)`` compares weights at another place.
    /// - Throws: `TrainingError.checkpoint` that names the keys that differ.
    func checkResumable(
        from stored: TrainingConfiguration, path: String, weightsMayMove: Bool
    ) throws(TrainingError) {
        // The shards' digests are compared elsewhere, so that folders may move.
        // Records of the run change nothing in it.
        let free: Set = [
            "epochs", "max-minutes", "patience", "checkpoint-every", "max-memory", "shards", "val", "cache-folder",
            "track", "mlflow-url", "run-name", "experiment", "sample-images", "skip-corrupt", "min-per-class",
        ]
        let changed = Self.keys.filter { key in
            !free.contains(key.name) && !(weightsMayMove && key.name == "weights") && !key.name.hasPrefix("report")
                && key.get(self) != key.get(stored)
        }.map(\.name)
        guard changed.isEmpty else {
            throw TrainingError(
                .checkpoint,
                "the run has another \(changed.joined(separator: ", ")); a run goes on as it began; only its length and "
                    + "limits, its records and the places of its shards, weights and cache may change",
                at: DataLocation(path: path))
        }
    }
}
