private import Foundation
internal import Images
internal import JSONText
internal import Kernels
internal import Runtime
internal import SAM
internal import Shards
internal import Tensors

extension Trainer {
    /// Evaluates the model that training begins with, once a run; a run that goes on finds what was kept of it.
    ///
    /// - Returns: whether it was done, or need not be; false when it was told to stop before.
    func evaluateStart(log: MetricsLog) throws -> Bool {
        guard let validation else { return true }
        guard configuration.report else { return try lookAtStart(validation, log) }
        let path = folder.evaluationBeforePath
        // A file that cannot be read is made again while that is possible, and missed in the report otherwise.
        start = FileSystem.exists(path) ? try? EvaluationRecord.read(path) : nil
        if let record = start, !isComparable(record) {
            guard let record = try evaluateStartAgain(validation) else { return false }
            start = record
            try AtomicFileWriter.write(record.json().text() + "\n", to: path)
        }
        if let start {
            // The run may have been ended between the file and the line.
            if state.step > 0 || log.knowsStart { return true }
            // What the file tells may be of a part of the set, whatever a report would look at now.
            let subset = subset(validation)
            guard subset.isWhole, start.evaluation.imageCount == subset.recordCount else {
                return try lookAtStart(validation, log)
            }
            try tell(.start, step: 0, epoch: 0, start.evaluation, log)
            return true
        }
        if state.step > 0 {
            observe(
                .remarked(
                    "warning: the report will have nothing to compare the model with: nothing is known of the one that training "
                        + "began with"))
            return true
        }
        let began = ContinuousClock.now
        // Images whose encoding is kept for the validations to come are encoded once, by this evaluation.
        parameters.begin(epoch: state.epoch)
        try beginFeed()
        guard
            let record = try evaluate(
                model, named: "before", encode: feed.frozen?.features, on: validation, step: 0, epoch: 0)
        else { return false }
        BufferPool.releaseFree()
        start = record
        startSeconds += began.secondsSince
        try FileSystem.createDirectory(folder.evaluationFolder)
        try AtomicFileWriter.write(record.json().text() + "\n", to: path)
        // What stands beside the epochs' validations is of the same objects.
        guard subset(validation).isWhole else { return try lookAtStart(validation, log) }
        try tell(.start, step: 0, epoch: 0, record.evaluation, log)
        return true
    }

    /// Whether a record is of the objects that the report will look at, asked for with as many clicks: a run that goes on may
    /// have been told of others. What an earlier version wrote does not say of which objects it is.
    private func isComparable(_ record: EvaluationRecord) -> Bool {
        record.evaluation.clickCount == max(1, configuration.reportClicks) && record.limits ?? limits == limits
    }

    private var limits: EvaluationRecord.Limits {
        EvaluationRecord.Limits(images: configuration.reportImages, objects: configuration.reportObjects)
    }

    /// Demands that a run that is to report otherwise than it began can be compared with its start.
    ///
    /// - Throws: `TrainingError.checkpoint` where the model that training began with is no more.
    func checkStartComparable() throws {
        guard configuration.report, validation != nil,
            let record = try? EvaluationRecord.read(folder.evaluationBeforePath), !isComparable(record)
        else { return }
        _ = try startingModel()
    }

    private func startingModel() throws -> SAMModel {
        do {
            let model = try state.startingModel(configuration)
            // Adapters that training went on with were there from the start.
            if let start = try AdapterStart(configuration), start.isContinued {
                try start.hand(
                    to: try TrainedParameters(model, configuration: configuration).updates, in: model)
            }
            return model
        } catch {
            throw TrainingError(
                .checkpoint,
                "the report is to look at other objects or clicks than the run's first evaluation did, and the model that training "
                    + "began with cannot be had again; leave report-images, report-objects and report-clicks as they were, or "
                    + "set report=false", at: DataLocation(path: folder.evaluationBeforePath), cause: error)
        }
    }

    /// Evaluates the model that training began with once more, as the report now wants it.
    ///
    /// - Returns: nil when it was told to stop.
    /// - Throws: `TrainingError.checkpoint` where that model is no more.
    private func evaluateStartAgain(_ set: ShardSet) throws -> EvaluationRecord? {
        observe(
            .remarked("the report is to look at other objects or clicks: the starting model is evaluated once more"))
        let began = ContinuousClock.now
        // What is frozen now was never trained, and is the starting model's.
        if feed.plan == nil { try beginFeed() }
        let record = try evaluate(
            try startingModel(), named: "before", encode: wholeEncoder, on: set, step: 0, epoch: 0)
        BufferPool.releaseFree()
        startSeconds += began.secondsSince
        return record
    }

    /// Evaluates the model that training begins with as validations do, where there is no report, or one of a part of the set.
    ///
    /// - Returns: whether it was done, or need not be; false when it was told to stop before.
    private func lookAtStart(_ set: ShardSet, _ log: MetricsLog) throws -> Bool {
        startScore = log.startScore
        if state.step > 0 || log.knowsStart { return true }
        let began = ContinuousClock.now
        if feed.plan == nil { try beginFeed() }
        let evaluator = Evaluator(set, minObjectArea: configuration.minObjectArea, comparesBoundaries: false)
        let results = try evaluator.evaluate(
            [validationAnswerer],
            progress: validating)
        guard let results else { return false }
        BufferPool.releaseFree()
        startSeconds += began.secondsSince
        startScore = results[0].score
        try tell(.start, step: 0, epoch: 0, results[0], log)
        return true
    }

    /// Compares the best checkpoint with the model that training began with, and writes the report.
    ///
    /// - Returns: whether it was done, or need not be; false when it was told to stop before.
    func reportEnd(beginning: TrainingEvent.Beginning, log: MetricsLog) throws -> Bool {
        guard configuration.report else {
            warnOfLoss()
            return true
        }
        // What only training needs makes room for the second model.
        for parameter in trained { parameter.gradient = nil }
        BufferPool.releaseFree()
        if let validation {
            let best = try folder.checkpoints.folder(.best).map { try SAMCheckpoint.read($0) } ?? model
            guard
                let record = try evaluate(
                    best, named: "after", encode: wholeEncoder, on: validation, step: state.best?.step ?? state.step,
                    epoch: state.best?.epoch ?? state.epoch)
            else { return false }
            var comparison = try RunComparison(
                before: start, after: record, set: validation, subset: subset(validation))
            comparison.reservations = reservations
            self.comparison = comparison
            try FileSystem.createDirectory(folder.evaluationFolder)
            try AtomicFileWriter.write(
                record.json(comparison: comparison.figures).text() + "\n", to: folder.evaluationAfterPath)
            try tell(.end, step: record.step, epoch: record.epoch, record.evaluation, log)
        }
        let content = try ReportContent(
            of: RunDescription(
                folder: folder, configuration: configuration, beginning: beginning, state: state,
                seconds: elapsed, peakMemoryBytes: ResourceUsage.peakMemoryBytes),
            comparison: comparison, validation: validation)
        try AtomicFileWriter.write(ReportPage(content).html, to: folder.reportPath)
        return true
    }

    /// Says that no checkpoint is as good as the model that training began with; a report compares them in every way.
    private func warnOfLoss() {
        guard let startScore, let best = state.best, best.score < startScore else { return }
        observe(
            .remarked(
                String(
                    format: "warning: training made the model worse: mean IoU %.3f before, %.3f at the best epoch, %d; "
                        + "the starting weights are the better ones", startScore, best.score, best.epoch)))
    }

    /// What a frozen encoder makes of an image, which is the same for every checkpoint of the run; nil where parts of the
    /// encoder were trained.
    private var wholeEncoder: ((EvaluatedImage) -> ImageFeatures)? {
        guard let frozen = feed.frozen, frozen.lookup.depth == .features else { return nil }
        return frozen.features
    }

    private func subset(_ set: ShardSet) -> EvaluationSubset {
        EvaluationSubset(
            set, maximumImages: configuration.reportImages, maximumObjects: configuration.reportObjects)
    }

    /// Everything that is to be known of one model; nil when it was told to stop. How long a model takes is measured at the
    /// end alone, as training does not change it.
    private func evaluate(
        _ model: SAMModel, named name: String, encode: ((EvaluatedImage) -> ImageFeatures)?, on set: ShardSet,
        step: Int,
        epoch: Int
    ) throws -> EvaluationRecord? {
        let began = ContinuousClock.now
        let subset = subset(set)
        let evaluator = Evaluator(
            set, subset: subset, minObjectArea: configuration.minObjectArea,
            clicks: max(1, configuration.reportClicks), keepsMasks: true)
        let evaluations = try evaluator.evaluate(
            [ModelAnswerer(model, name: name, encode: encode)],
            progress: validating)
        guard let evaluation = evaluations?[0] else { return nil }
        var automatic: AutomaticMaskCheck?
        if configuration.reportAutomatic > 0 {
            automatic = try AutomaticMaskCheck.run(
                model, on: set, subset: subset, minObjectArea: configuration.minObjectArea,
                maximumImages: configuration.reportAutomatic, shouldStop: shouldStop)
            if automatic == nil { return nil }
        }
        var latency: LatencyProbe?
        if name == "after" {
            latency = try LatencyProbe.run(model, on: set, subset: subset, shouldStop: shouldStop)
            if latency == nil { return nil }
        }
        return EvaluationRecord(
            step: step, epoch: epoch, evaluation: evaluation, automatic: automatic, latency: latency,
            seconds: began.secondsSince, peakMemoryBytes: ResourceUsage.peakMemoryBytes, limits: limits)
    }

    private func tell(
        _ moment: TrainingEvent.Standing.Moment, step: Int, epoch: Int, _ evaluation: Evaluation, _ log: MetricsLog
    ) throws {
        let standing = TrainingEvent.Standing(
            moment: moment, step: step, epoch: epoch, evaluation: evaluation,
            isOfWholeSet: moment == .start || validation.map { subset($0).isWhole } ?? true)
        try log.append(standing.json(atStep: state.step, seconds: elapsed))
        observe(.evaluated(standing))
    }
}
