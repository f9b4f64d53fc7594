internal import Foundation
internal import Kernels
internal import Layers
internal import Pipeline
internal import Runtime
internal import SAM
internal import Shards
internal import Tensors

/// One training run: reads shards, changes the model step by step, validates, and keeps checkpoints.
///
/// The same configuration and data give the same bytes of `model.safetensors`, whatever the number of threads and however
/// often the run is interrupted and resumed (unless its time is limited).
package final class Trainer {
    let configuration: TrainingConfiguration
    let folder: RunFolder
    let model: SAMModel
    /// What is trained, and from when on.
    let parameters: TrainedParameters
    /// What the run's adapters belong to; nil for a run without.
    private(set) var adapter: AdapterDescription?
    var trained: [Parameter] { parameters.all }
    /// Elements of all parameters that could be trained; buffers are none.
    private let parameterCount: Int
    let shards: ShardSet
    let validation: ShardSet?
    /// Numbers of the records that have objects.
    let indices: [Int]
    let plan: TrainingPlan
    var optimizer: AdamW
    var state: TrainingState

    var shouldStop: () -> Bool = { false }
    var observe: (TrainingEvent) -> Void = { _ in }
    let started = ContinuousClock.now
    var lastSaved = ContinuousClock.now
    /// Epochs that this process trained to their end.
    var epochsTrained = 0
    var stepSeconds = 0.0
    var stepsDone = 0
    var imagesDone = 0

    /// Pause between checkpoints within an epoch, in seconds.
    static let checkpointPause = 600.0

    private init(
        configuration: TrainingConfiguration, folder: RunFolder, model: SAMModel, data: TrainingData,
        state: TrainingState?
    ) throws {
        self.configuration = configuration
        self.folder = folder
        self.model = model
        shards = data.shards
        validation = data.validation
        indices = data.indices
        plan = TrainingPlan(images: indices.count, imagesPerStep: configuration.imagesPerStep)
        parameterCount = model.parameters.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) }
        parameters = try TrainedParameters(model, configuration: configuration)
        optimizer = AdamW(parameters, configuration: configuration)
        self.state = state ?? TrainingState(plannedEpochs: configuration.epochs, data: data.digest)
        let total = plan.steps(epochs: configuration.epochs)
        if let warmup = configuration.warmupSteps, warmup >= total {
            throw TrainingError(
                .configuration, "warmup-steps is \(warmup), but the run has only \(total) steps in all")
        }
    }

    /// Prepares a new run; its folder is made only when everything else is in order, and may replace an earlier run.
    ///
    /// - Throws: `TrainingError`, and what reading shards and weights throws.
    package static func new(
        _ configuration: TrainingConfiguration, in folder: RunFolder, replacing: Bool
    ) throws -> Trainer {
        try folder.checkVacancy(replacing: replacing)
        if replacing, [configuration.weights, configuration.lora].contains(where: { $0.map(folder.contains) ?? false }) {
            throw TrainingError(
                .outputExists, "holds the weights to start from, which --force would remove; give another --output",
                at: DataLocation(path: folder.path))
        }
        let data = try TrainingData(configuration)
        let start = try AdapterStart(configuration)
        let model = try ModelSource(configuration).model(
            expecting: configuration.model, adapter: start?.mergedPath)
        var configuration = configuration
        configuration.model = model.configuration.preset?.rawValue
        configuration.learningRate = configuration.resolvedLearningRate
        let trainer = try Trainer(
            configuration: configuration, folder: folder, model: model, data: data, state: nil)
        try trainer.checkUnfreezing()
        try start?.hand(to: trainer.parameters.updates, in: model)
        trainer.adapter = trainer.parameters.description(
            of: model, configuration: configuration, mergedAdapter: start?.mergedPath)
        try folder.begin(configuration, replacing: replacing)
        if trainer.adapter != nil && configuration.weights == nil { try SAMCheckpoint.write(model, to: folder.basePath) }
        return trainer
    }

    /// Prepares to go on with the run that a folder holds.
    ///
    /// `change` changes the stored configuration; only epochs and the limit of time may differ.
    ///
    /// - Throws: `TrainingError.nothingToResume` without a run or a checkpoint, `.checkpoint` when it cannot go on.
    package static func resuming(
        _ folder: RunFolder, change: (inout TrainingConfiguration) throws -> Void
    ) throws -> Trainer {
        let stored = try folder.storedConfiguration()
        var configuration = stored
        try change(&configuration)
        try configuration.checkResumable(from: stored, path: folder.path)
        guard let checkpoint = folder.checkpoints.folder(.last) else {
            throw TrainingError(
                .nothingToResume, "holds no checkpoint yet; begin anew with --force",
                at: DataLocation(path: folder.path))
        }
        var state = try TrainingCheckpoint.readState(checkpoint)
        let data = try TrainingData(configuration)
        guard state.data == data.digest else {
            throw TrainingError(
                .checkpoint, "the shards are not those that the run began with; train into another folder instead",
                at: DataLocation(path: configuration.shards))
        }
        try state.check(
            against: TrainingPlan(images: data.indices.count, imagesPerStep: configuration.imagesPerStep),
            path: FileSystem.join(checkpoint, TrainingCheckpoint.stateFileName))
        // A plan that was cut to a limit of time stays so under the same limit; otherwise the configuration holds, which
        // may also have been changed in its file.
        let wanted = max(configuration.epochs, state.epoch)
        let isLimited = configuration.maxMinutes != nil && configuration == stored
        state.plannedEpochs = isLimited ? min(state.plannedEpochs, wanted) : wanted
        let (model, adapter) = try TrainingCheckpoint.readModel(checkpoint)
        let trainer = try Trainer(
            configuration: configuration, folder: folder, model: model, data: data, state: state)
        try trainer.takeOver(adapter, from: checkpoint)
        try TrainingCheckpoint.restore(&trainer.optimizer, from: checkpoint)
        if configuration != stored {
            // First the plan, then the wish: a kill in between leaves the old wish, and the same command helps again.
            try trainer.save(as: [.last])
            try AtomicFileWriter.write(try configuration.yaml(), to: folder.configurationPath)
        }
        return trainer
    }

    /// Trains to the end, or until it is told to stop.
    ///
    /// - Parameters:
    ///   - shouldStop: asked often; when it says so, the run ends after a checkpoint.
    ///   - observe: told what happens, on the calling thread.
    /// - Throws: `TrainingError.notFinite` when a loss or gradient is no number, `.data` when nothing can be learnt;
    ///   what reading records and writing files throws. The last checkpoint stays.
    package func run(
        shouldStop: @escaping () -> Bool = { false }, observe: @escaping (TrainingEvent) -> Void = { _ in }
    ) throws -> TrainingOutcome {
        self.shouldStop = shouldStop
        self.observe = observe
        let beginning = try beginning()
        let log = try MetricsLog(
            path: folder.metricsPath, keepingThroughStep: state.step, epoch: state.closedEpochs)
        let maker = ExampleMaker(configuration, model: model.configuration)
        let loader = SampleLoader(
            shards,
            state: LoaderState(seed: configuration.seed, epoch: state.epoch, position: state.imagesInEpoch),
            indices: indices, epochs: max(configuration.epochs, state.plannedEpochs, state.epoch),
            window: configuration.batchSize + 2 * Workers.count
        ) { sample, place in try maker.example(of: sample, at: place) }
        defer { loader.cancel() }
        observe(.began(beginning))
        lastSaved = .now
        do {
            while state.closedEpochs < state.plannedEpochs {
                let isDone =
                    state.closedEpochs < state.epoch
                    ? try closeEpoch(log: log) : try runEpoch(loader, log: log)
                if !isDone {
                    try save(as: [.last])
                    return outcome(wasInterrupted: true)
                }
            }
        } catch {
            // Weights that led to no number are not worth keeping; after any other failure the state is that of the last
            // step. What went wrong matters more than a checkpoint that cannot be written either.
            if (error as? TrainingError)?.code != .notFinite { try? save(as: [.last]) }
            throw error
        }
        return outcome(wasInterrupted: false)
    }

    /// Writes a checkpoint of where the run stands.
    func save(as names: [CheckpointStore.Name]) throws {
        try folder.checkpoints.save(step: state.step, as: names) { folder in
            try TrainingCheckpoint.write(
                model: model, parameters: parameters, adapter: adapter, optimizer: optimizer, state: state, to: folder)
        }
        lastSaved = .now
    }

    /// Goes on with the adapters of a checkpoint, in a run that has some.
    private func takeOver(_ checkpoint: AdapterCheckpoint?, from folder: String) throws(TrainingError) {
        let path = FileSystem.join(folder, AdapterCheckpoint.fileName)
        guard (checkpoint == nil) == parameters.updates.isEmpty else {
            throw TrainingError(
                .checkpoint, "the checkpoint and the run's configuration do not agree on whether there are adapters",
                at: DataLocation(path: folder))
        }
        guard let checkpoint else { return }
        try parameters.restore(checkpoint, path: path)
        adapter = checkpoint.description
    }

    /// Seconds since the run began, in this process.
    var elapsed: Double { started.secondsSince }

    private func outcome(wasInterrupted: Bool) -> TrainingOutcome {
        TrainingOutcome(
            wasInterrupted: wasInterrupted, state: state, steps: stepsDone, images: imagesDone,
            stepSeconds: stepSeconds, totalSeconds: elapsed)
    }

    private func beginning() throws -> TrainingEvent.Beginning {
        TrainingEvent.Beginning(
            modelName: model.configuration.modelName, parameterCount: parameterCount,
            trainedParameterCount: trained.reduce(0) { $0 + $1.count },
            adapterParameterCount: parameters.updates.flatMap(\.parameters).reduce(0) { $0 + $1.count }, imageCount: indices.count,
            objectCount: shards.manifest.objectCount, validationImageCount: validation?.count ?? 0, state: state,
            memory: try MemoryPlan(
                model.configuration, configuration: configuration,
                data: MemoryPlan.Data(
                    steps: plan.steps(epochs: state.plannedEpochs), images: indices.count,
                    objectsPerImage: indices.map { shards.entry(at: $0).objects.values.reduce(0, +) }.max() ?? 0),
                otherBytes: max(0, ResourceUsage.memoryBytes - BufferPool.heldBytes)),
            totalSteps: plan.steps(epochs: state.plannedEpochs))
    }
}
