internal import Foundation
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
    var optimizer: Optimizer
    /// The moving average of what is trained, where there is one.
    var average: WeightAverage?
    var state: TrainingState

    /// Hands out the examples; made when the run begins.
    let feed: ExampleFeed
    /// What the run will need of memory, planned before anything is written.
    let memory: MemoryPlan

    /// Keys of the configuration that somebody wrote on the command line: one without effect is remarked whatever its value.
    package var givenKeys: Set<String> = []
    var shouldStop: () -> Bool = { false }
    var observe: (TrainingEvent) -> Void = { _ in }
    /// Hears of everything that the run writes down.
    var recorder: RunRecorder?
    let started = ContinuousClock.now
    var lastSaved = ContinuousClock.now
    /// Epochs that this process trained to their end.
    var epochsTrained = 0
    var stepSeconds = 0.0
    var stepsDone = 0
    var imagesDone = 0
    /// Time of steps, and of it waiting for examples, when the epoch in progress began.
    var epochStart = (steps: 0.0, wait: 0.0)
    /// What is known of the model that training began with, and of the best one in the end.
    var start: EvaluationRecord?
    /// Time that this process took for evaluating it.
    var startSeconds = 0.0
    /// What validations say of the model that training begins with, where this process looked at it.
    var startScore: Double?
    /// From when the run is made or read until it ends.
    private var lock: RunLock?
    var comparison: RunComparison?
    /// What takes from the worth of a validation; images are read for it.
    private(set) lazy var reservations = findReservations()

    init(
        configuration: TrainingConfiguration, folder: RunFolder, model: SAMModel, data: TrainingData,
        state: TrainingState?
    ) throws {
        self.configuration = configuration
        self.folder = folder
        self.model = model
        shards = data.shards
        validation = data.validation
        indices = data.indices
        plan = TrainingPlan(images: data.epochImages, imagesPerStep: configuration.imagesPerStep)
        parameterCount = model.parameters.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) }
        _ = try PromptPlan(configuration, model: model.configuration)
        parameters = try TrainedParameters(model, configuration: configuration)
        try ParameterRates.check(configuration, against: parameters.all.map(\.name), isNew: state == nil)
        optimizer = Optimizer(
            parameters.all,
            rates: ParameterRates(
                configuration, model: model.parameters.map(\.name), updates: parameters.updates),
            configuration: configuration)
        self.state = state ?? TrainingState(configuration, data: data, start: model.weightsDigest)
        let total = plan.steps(epochs: configuration.epochs)
        if let warmup = configuration.warmupSteps, warmup >= total {
            throw TrainingError(
                .configuration, "warmup-steps is \(warmup), but the run has only \(total) steps in all")
        }
        try configuration.checkValidation()
        feed = ExampleFeed(
            configuration, model: model, data: (data.shards, data.indices),
            validationImages: data.validation?.count ?? 0,
            endEpoch: max(configuration.epochs, self.state.plannedEpochs, self.state.epoch), folder: folder,
            leftOut: self.state.leftOut.map(\.index))
        memory = try Self.checkedMemory(
            configuration, model: model, data: data, steps: plan.steps(epochs: self.state.plannedEpochs))
        beginAverage()
    }

    /// Begins the moving average, where there is one, with the weights as they are.
    private func beginAverage() {
        average = configuration.ema > 0 ? WeightAverage(of: trained, decay: configuration.ema) : nil
    }

    /// Prepares a new run; its folder is made only when everything else is in order, and may replace an earlier run.
    ///
    /// - Throws: `TrainingError`, and what reading shards and weights throws.
    package static func new(
        _ configuration: TrainingConfiguration, in folder: RunFolder, replacing: Bool
    ) throws -> Trainer {
        try folder.checkVacancy(replacing: replacing)
        if replacing, folder.holdsRun,
            [configuration.weights, configuration.lora].contains(where: { $0.map(folder.contains) ?? false })
        {
            throw TrainingError(
                .outputExists, "holds the weights to start from, which --force would remove; give another --output",
                at: DataLocation(path: folder.path))
        }
        let trainer = try prepared(configuration, in: folder)
        trainer.lock = try folder.begin(trainer.configuration, replacing: replacing)
        try trainer.writeBase()
        return trainer
    }

    /// What ``new(_:in:replacing:)`` prepares, with no folder written.
    static func prepared(_ configuration: TrainingConfiguration, in folder: RunFolder) throws -> Trainer {
        let data = try TrainingData(configuration)
        let start = try AdapterStart(configuration)
        let model = try ModelSource(configuration).model(
            expecting: configuration.model, adapter: start?.mergedPath)
        var configuration = configuration.withAbsolutePaths
        configuration.model = model.configuration.preset?.rawValue
        configuration.learningRate = configuration.resolvedLearningRate
        configuration.prompts = configuration.resolvedPrompts
        configuration.loraRank = try AdapterSettings(configuration).rank
        let trainer = try Trainer(
            configuration: configuration, folder: folder, model: model, data: data, state: nil)
        try trainer.checkUnfreezing()
        try trainer.checkBatchNorm()
        try start?.hand(to: trainer.parameters.updates, in: model)
        trainer.beginAverage()
        trainer.adapter = trainer.parameters.description(
            of: model, configuration: configuration, mergedAdapter: start?.mergedPath)
        return trainer
    }

    /// Prepares to go on with the run that a folder holds.
    ///
    /// `change` changes the stored configuration; only epochs and the limits may differ. A run that was killed before its
    /// first checkpoint begins anew.
    ///
    /// - Throws: `TrainingError.nothingToResume` without a run, `.checkpoint` when it cannot go on.
    package static func resuming(
        _ folder: RunFolder, change: (inout TrainingConfiguration) throws -> Void
    ) throws -> Trainer {
        _ = try folder.storedConfiguration()
        let lock = try RunLock(folder)
        let stored = try folder.storedConfiguration().withAbsolutePaths
        var configuration = stored
        try change(&configuration)
        configuration = configuration.withAbsolutePaths
        let last = folder.checkpoints.folder(.last)
        try configuration.checkResumable(from: stored, path: folder.path, weightsMayMove: last != nil)
        guard let checkpoint = last else {
            let trainer = try beginningAnew(configuration, in: folder)
            trainer.lock = lock
            return trainer
        }
        var state = try TrainingCheckpoint.readState(checkpoint)
        let data = try TrainingData(configuration)
        try state.check(against: data, configuration: configuration)
        try state.check(
            against: TrainingPlan(images: data.epochImages, imagesPerStep: configuration.imagesPerStep),
            path: FileSystem.join(checkpoint, TrainingCheckpoint.stateFileName))
        // A plan that was cut to a limit of time stays so under the same limit; otherwise the configuration holds, which
        // may also have been changed in its file.
        guard configuration.epochs >= state.closedEpochs || configuration.epochs == stored.epochs else {
            throw TrainingError(
                .configuration,
                "epochs: \(configuration.epochs) are fewer than the \(state.closedEpochs) that the run has done already",
                at: DataLocation(path: folder.path))
        }
        let wanted = max(configuration.epochs, state.epoch)
        let isLimited = configuration.maxMinutes != nil && configuration == stored
        state.plannedEpochs = isLimited ? min(state.plannedEpochs, wanted) : wanted
        for file in state.files { try file.check(in: checkpoint) }
        let isMoved = configuration.weights != stored.weights
        // An adapter knows its base.
        if isMoved && !TrainingCheckpoint.isAdapter(checkpoint) { _ = try state.startingModel(configuration) }
        let (model, adapter) = try TrainingCheckpoint.readModel(
            checkpoint, basePath: isMoved ? configuration.weights : nil)
        let trainer = try Trainer(
            configuration: configuration, folder: folder, model: model, data: data, state: state)
        trainer.lock = lock
        try trainer.takeOver(adapter, from: checkpoint)
        try TrainingCheckpoint.restore(&trainer.optimizer, from: checkpoint)
        if var average = trainer.average {
            try TrainingCheckpoint.restore(&average, from: checkpoint)
            trainer.average = average
        }
        if configuration != stored {
            // Before anything is written.
            try trainer.checkStartComparable()
            // First the plan, then the wish: a kill in between leaves the old wish, and the same command helps again.
            try trainer.save(as: [.last])
            if isMoved, let path = configuration.weights, let best = folder.checkpoints.folder(.best) {
                try TrainingCheckpoint.moveBase(to: path, in: best)
            }
            try folder.rewrite(configuration)
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
        if lock == nil { lock = try RunLock(folder) }
        defer { lock = nil }
        self.shouldStop = shouldStop
        self.observe = observe
        let beginning = beginning()
        let log = try MetricsLog(
            path: folder.metricsPath, keepingThroughStep: state.step, epoch: state.closedEpochs)
        defer { feed.cancel() }
        observe(.began(beginning))
        for damage in shards.damages { observe(.remarked("\(damage)")) }
        for remark in configuration.idleRemarks(
            frozenDepth: model.imageEncoder.frozenDepth, hasBatchNorms: model.imageEncoder.hasBatchNorms,
            given: givenKeys)
            + standingRemarks
        {
            observe(.remarked(remark))
        }
        let recorder = beginRecording()
        self.recorder = recorder
        log.follower = recorder.record
        defer { recorder.end() }
        lastSaved = .now
        guard try evaluateStart(log: log) else {
            try save(as: [.last])
            return outcome(wasInterrupted: true)
        }
        do {
            while state.closedEpochs < state.plannedEpochs && !isOutOfPatience {
                let isDone =
                    state.closedEpochs < state.epoch
                    ? try closeEpoch(log: log) : try runEpoch(log: log)
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
        try checkTaught()
        return outcome(wasInterrupted: try !reportEnd(beginning: beginning, log: log))
    }

    /// Writes a checkpoint of where the run stands.
    func save(as names: [CheckpointStore.Name]) throws {
        if let ruined = trained.first(where: { !$0.value.sumOfSquares.isFinite }) {
            throw TrainingError(
                .notFinite,
                "step \(state.step) left numbers in \(ruined.name) that are not finite, and no checkpoint of them is written; a "
                    + "lower learning rate may help, in another run", at: DataLocation(path: folder.path))
        }
        try folder.checkpoints.save(step: state.step, as: names) { folder in
            try TrainingCheckpoint.write(
                model: model, parameters: parameters, adapter: adapter, optimizer: optimizer, average: average,
                state: state, to: folder)
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
        recorder?.ending = wasInterrupted ? .interrupted : .finished
        return TrainingOutcome(
            ending: wasInterrupted ? .interrupted : ending, state: state, steps: stepsDone, images: imagesDone,
            stepSeconds: stepSeconds, waitSeconds: feed.waitSeconds, totalSeconds: elapsed, comparison: comparison)
    }

    private func beginning() -> TrainingEvent.Beginning {
        TrainingEvent.Beginning(
            modelName: model.configuration.modelName, parameterCount: parameterCount,
            trainedParameterCount: trained.reduce(0) { $0 + $1.count },
            adapterParameterCount: parameters.updates.flatMap(\.parameters).reduce(0) { $0 + $1.count },
            imageCount: indices.count,
            objectCount: indices.reduce(0) { $0 + shards.entry(at: $1).instanceCount },
            validationImageCount: validation?.count ?? 0,
            classes: ClassCensus(
                records: indices.map(shards.entry), classes: shards.manifest.classes, validation: validation?.manifest),
            minPerClass: configuration.minPerClass, state: state, memory: memory,
            totalSteps: plan.steps(epochs: state.plannedEpochs))
    }
}
