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
    /// Name patterns of the only parameters that are trained; empty for all.
    package var trainOnly: [String] = []
    /// Name patterns of parameters that are left as they are.
    package var freeze: [String] = []

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
    /// Minutes after which the run ends early, or nil for no limit; the schedule is shortened so that it still decays.
    package var maxMinutes: Double?

    // MARK: Optimiser

    /// Peak learning rate; nil stands for 1e-4 from given weights and 1e-3 from random ones.
    package var learningRate: Double?
    /// Share of the peak at which the cosine ends, 0...1.
    package var finalLearningRate = 0.01
    /// Steps of linear warm-up; nil stands for a twentieth of all steps, at most 250.
    package var warmupSteps: Int?
    /// Decoupled weight decay; biases, norms and position tables are left out.
    package var weightDecay = 0.1
    /// Decay of AdamW's mean of gradients, 0..<1.
    package var beta1 = 0.9
    /// Decay of AdamW's mean of squared gradients, 0..<1.
    package var beta2 = 0.999
    /// Largest norm of all gradients together; 0 for no limit.
    package var gradientClip = 1.0

    // MARK: Loss and prompts

    /// Weights of the loss's terms.
    package var loss = LossWeights()
    /// Probability that an object is prompted by its box rather than by a point.
    package var boxProbability = 0.5
    /// Standard deviation of the noise on box corners, as a share of the box's side.
    package var boxNoise = 0.1
    /// Largest shift of a box corner, in pixels of the original image.
    package var boxNoiseLimit = 20.0
    /// Objects with fewer pixels than this are left out.
    package var minObjectArea = 1

    // MARK: Augmentation

    /// Families of augmentation in use.
    package var augment: [AugmentationFamily] = [.dihedral, .photometric]

    // MARK: Run

    /// Seed of everything random.
    package var seed: UInt64 = 0

    package init() {}

    /// The peak learning rate, whether given or not.
    var resolvedLearningRate: Double { learningRate ?? (weights == nil ? 1e-3 : 1e-4) }

    /// Images an optimiser step takes: ``batchSize`` times ``accumulate``.
    package var imagesPerStep: Int { batchSize * accumulate }
}

extension TrainingConfiguration {
    /// Demands that a run can go on under this configuration: only its length may change.
    ///
    /// - Throws: `TrainingError.checkpoint` that names the keys that differ.
    func checkResumable(from stored: TrainingConfiguration, path: String) throws(TrainingError) {
        // The shards' digests are compared elsewhere, so that folders may move.
        let free: Set = ["epochs", "max-minutes", "shards", "val"]
        let changed = Self.keys.filter { !free.contains($0.name) && $0.get(self) != $0.get(stored) }.map(\.name)
        guard changed.isEmpty else {
            throw TrainingError(
                .checkpoint,
                "the run has another \(changed.joined(separator: ", ")); a run goes on as it began, and only epochs and "
                    + "max-minutes may change", at: DataLocation(path: path))
        }
    }
}
