import JSONText
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing
import Training

/// What a run says of itself and keeps to itself, also where something is missing or in the way.
@Suite struct RunHonestyTests {
    /// A run on two images in order, of the first of which no object is large enough; the model is as it was until a step.
    private func halfEmpty(in directory: TemporaryDirectory, accumulate: Int) throws -> TrainingConfiguration {
        var configuration = try TrainingFixture.prepare(in: directory)
        var samples = try TrainingFixture.samples(2)
        samples[0].objects.removeAll { $0.area > 100 }
        try TrainingFixture.write(samples, to: directory.file("half"))
        configuration.shards = directory.file("half")
        configuration.minObjectArea = 100
        (configuration.shuffle, configuration.augment) = (.none, [])
        (configuration.accumulate, configuration.epochs, configuration.val) = (accumulate, 1, nil)
        return configuration
    }

    private func events(_ configuration: TrainingConfiguration, _ folder: RunFolder) throws -> [TrainingEvent] {
        var events: [TrainingEvent] = []
        _ = try Trainer.new(configuration, in: folder, replacing: false).run(observe: { events.append($0) })
        return events
    }

    private func lines(_ folder: RunFolder) throws -> [JSONValue] {
        String(decoding: try FileSystem.read(folder.metricsPath), as: UTF8.self).split(separator: "\n")
            .compactMap { try? JSONDocument.parse(String($0)) }
    }

    /// A loss that shapes no masks is learnt from, and said to be one.
    @Test func aLossOfPredictedIoUsAloneIsSaidToBeOne() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        (configuration.val, configuration.epochs) = (nil, 1)
        func remarks(_ name: String) throws -> [String] {
            try events(configuration, RunFolder(path: directory.file(name))).compactMap { event in
                if case .remarked(let text) = event { text } else { nil }
            }
        }
        #expect(try !remarks("masks").contains { $0.contains("no term of the masks") })
        try configuration.set("loss", to: .text("iou-l1=1"))
        let folder = RunFolder(path: directory.file("ious"))
        #expect(try remarks("ious").filter { $0.contains("no term of the masks") }.count == 1)
        let steps = try lines(folder).filter { $0["kind"] == "step" }
        #expect(
            !steps.isEmpty && steps.allSatisfy { $0["gradient_norm"]?.double ?? 0 > 0 && $0["loss"]?.double ?? 0 > 0 })
    }

    /// A loss that does not depend on what is trained teaches nothing, and the first step says so.
    @Test func aLossThatReachesNothingIsSaidToBeOne() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        (configuration.val, configuration.epochs) = (nil, 1)
        configuration.trainOnly = ["mask_decoder.iou_prediction_head"]
        for (loss, isSaid) in [("dice=1", true), ("dice=1,iou=1", false)] {
            try configuration.set("loss", to: .text(loss))
            let warnings = try events(configuration, RunFolder(path: directory.file(loss))).filter { event in
                if case .remarked(let text) = event {
                    text.contains("gradient of the first step is zero")
                } else {
                    false
                }
            }
            #expect(warnings.count == (isSaid ? 1 : 0), "\(loss)")
        }
    }

    /// A report whose images were trained on says so first of all.
    @Test func whatWasTrainedOnIsNoProofInTheReport() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        (configuration.report, configuration.epochs, configuration.reportClicks) = (true, 1, 1)
        configuration.val = configuration.shards
        let folder = RunFolder(path: directory.file("run"))
        let outcome = try Trainer.new(configuration, in: folder, replacing: false).run()
        #expect(outcome.comparison?.warnings.first?.contains("are those that are trained on") == true)
        let page = String(decoding: try FileSystem.read(folder.reportPath), as: UTF8.self)
        #expect(page.contains("are those that are trained on"))
    }

    // MARK: Steps

    /// A step of which nothing is asked is none, and an image without objects weakens no gradient.
    @Test func imagesWithoutObjectsAreNoPartOfAStep() throws {
        let directory = try TemporaryDirectory()
        let apart = RunFolder(path: directory.file("apart"))
        let each = try events(try halfEmpty(in: directory, accumulate: 1), apart)
        let skips = each.compactMap { event in if case .skipped(let skip) = event { skip } else { nil } }
        let steps = each.compactMap { event in if case .stepped(let step) = event { step } else { nil } }
        #expect(skips.map(\.step) == [1] && skips[0].cause.contains("no image") && steps.map(\.step) == [2])
        let told = try lines(apart)
        #expect(told.map { $0["kind"]?.string } == ["skipped", "step", "epoch"] && told[0]["loss_scale"] == nil)

        let other = try TemporaryDirectory()
        let both = try events(try halfEmpty(in: other, accumulate: 2), RunFolder(path: other.file("together")))
        let together = both.compactMap { event in if case .stepped(let step) = event { step } else { nil } }
        #expect(together.count == 1)
        #expect(abs(together[0].terms.total - steps[0].terms.total) < 1e-6)
        #expect(abs(together[0].gradientNorm / steps[0].gradientNorm - 1) < 1e-5)
    }

    /// Weights that are no numbers are not kept, also where no later step or validation meets them.
    @Test func weightsThatTheLastStepRuinedAreNotKept() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        (configuration.val, configuration.epochs, configuration.accumulate) = (nil, 1, 5)
        (configuration.learningRate, configuration.warmupSteps) = (1e39, 0)
        let folder = RunFolder(path: directory.file("run"))
        let error = try #require(throws: TrainingError.self) {
            try Trainer.new(configuration, in: folder, replacing: false).run()
        }
        #expect(error.code == .notFinite && error.message.contains("step 1"), "\(error.message)")
        #expect(folder.checkpoints.folder(.last) == nil)
    }

    // MARK: The start

    /// A run that ends between the file of the first evaluation and its line writes the line when it goes on.
    @Test(arguments: [1, 100]) func theLineOfTheStartIsNotLost(objects: Int) throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        (configuration.report, configuration.reportObjects, configuration.epochs) = (true, objects, 1)
        configuration.reportClicks = 1
        let folder = RunFolder(path: directory.file("run"))
        var isFirst = true
        _ = try Trainer.new(configuration, in: folder, replacing: false).run(shouldStop: {
            isFirst && FileSystem.exists(folder.evaluationBeforePath)
        })
        isFirst = false
        if objects > 4 {
            // Nothing asks in between: the line is taken away, as a kill would have it.
            try AtomicFileWriter.write("", to: folder.metricsPath)
        }
        _ = try Trainer.resuming(folder) { _ in }.run()
        let starts = try lines(folder).filter { $0["moment"]?.string == "start" }
        #expect(starts.count == 1 && starts.first?["validation"]?["box"] != nil)
    }

    /// A log knows how the model of the start stood, for a run that goes on without a report.
    @Test func theScoreOfTheStartIsReadAgain() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        let told = try events(configuration, folder).compactMap { event -> Double? in
            guard case .evaluated(let standing) = event, standing.moment == .start else { return nil }
            return standing.evaluation.score
        }
        let log = try MetricsLog(path: folder.metricsPath, keepingThroughStep: 100, epoch: 100)
        #expect(told.count == 1 && log.startScore == told[0])
        let none = try MetricsLog(path: directory.file("none.jsonl"), keepingThroughStep: 0, epoch: 0)
        #expect(none.startScore == nil && !none.knowsStart)
    }

    /// A report that has nothing to compare with says so.
    @Test func aReportWithoutAStartIsTold() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.epochs = 1
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        var remarks: [String] = []
        _ = try Trainer.resuming(folder) { ($0.report, $0.epochs, $0.reportClicks) = (true, 2, 1) }.run(observe: {
            event in
            if case .remarked(let text) = event { remarks.append(text) }
        })
        #expect(remarks.contains { $0.contains("nothing to compare") }, "\(remarks)")
    }

    // MARK: Two at once

    /// Nobody else may go on with a run, or replace it, while it is trained.
    @Test func twoDoNotTrainInOneFolder() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory)
        let folder = RunFolder(path: directory.file("run"))
        var codes: [TrainingError.Code?] = []
        _ = try Trainer.new(configuration, in: folder, replacing: false).run(observe: { event in
            guard case .stepped = event, codes.isEmpty else { return }
            do {
                _ = try Trainer.resuming(folder) { _ in }
            } catch {
                codes.append((error as? TrainingError)?.code)
            }
            do {
                _ = try Trainer.new(configuration, in: folder, replacing: true)
            } catch {
                codes.append((error as? TrainingError)?.code)
            }
        })
        #expect(codes == [.busy, .busy] && folder.checkpoints.folder(.last) != nil)
        // From when a run is read or made it is nobody else's, and free again when its trainer is gone.
        do {
            let prepared = try Trainer.resuming(folder) { _ in }
            #expect(throws: TrainingError.self) { try Trainer.resuming(folder) { _ in } }
            withExtendedLifetime(prepared) {}
        }
        _ = try Trainer.new(configuration, in: folder, replacing: true).run()
    }
}
