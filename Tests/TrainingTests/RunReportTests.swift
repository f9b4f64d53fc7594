import Foundation
import JSONText
import Runtime
import SAM
import Shards
import TestSupport
import Testing
import Training

/// What a run does before its first step and after its last one.
@Suite struct RunReportTests {
    private func prepare(_ directory: TemporaryDirectory) throws -> TrainingConfiguration {
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.report = true
        configuration.reportClicks = 2
        configuration.epochs = 2
        return configuration
    }

    private func metrics(_ folder: RunFolder) throws -> [JSONValue] {
        try String(decoding: FileSystem.read(folder.metricsPath), as: UTF8.self)
            .split(separator: "\n").map { try JSONDocument.parse(String($0)) }
    }

    @Test func aRunBeginsAndEndsWithAnEvaluation() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(directory)
        let folder = RunFolder(path: directory.file("run"))
        var moments: [String] = []
        let outcome = try Trainer.new(configuration, in: folder, replacing: false).run(observe: { event in
            switch event {
            case .evaluated(let standing): moments.append("\(standing.moment) \(standing.epoch)")
            case .stepped(let step): moments.append("step \(step.step)")
            default: break
            }
        })
        let comparison = try #require(outcome.comparison)
        let best = try #require(outcome.state.best)
        #expect(moments.first == "start 0" && moments.last == "end \(best.epoch)" && moments.count == 8)
        // The files hold what the models that they are about give.
        let set = try ShardSet(path: try #require(configuration.val))
        func rows(_ model: SAMModel) throws -> [ObjectRow]? {
            try Evaluator(set, clicks: 2, keepsMasks: true).evaluate([ModelAnswerer(model, name: "")])?[0].rows
        }
        let before = try EvaluationRecord.read(folder.evaluationBeforePath)
        let after = try EvaluationRecord.read(folder.evaluationAfterPath)
        #expect(try before.evaluation.rows == rows(SAMCheckpoint.read(try #require(configuration.weights))))
        #expect(try after.evaluation.rows == rows(SAMCheckpoint.read(try #require(folder.checkpoints.folder(.best)))))
        #expect(after.step == best.step && before.step == 0 && after.evaluation.score == best.score)
        #expect(before.automatic != nil && before.latency == nil && after.latency?.encoder.runs ?? 0 >= 3)
        for (_, times) in try #require(after.latency).works {
            #expect(times.median > 0 && times.percentile95 >= times.median)
            // Half of the runs take at least the median.
            #expect(times.imagesPerSecond > 0 && times.imagesPerSecond <= 2.001 / times.median)
        }
        #expect(comparison.before == before && comparison.after == after)
        let schema = try JSONSchemaCheck("evaluation")
        for path in [folder.evaluationBeforePath, folder.evaluationAfterPath] {
            #expect(schema.violations(of: try JSONDocument.read(path: path)) == [])
        }
        let lines = try metrics(folder)
        #expect(lines.first?["moment"] == "start" && lines.last?["moment"] == "end")
        #expect(lines.last?["clicks"]?.array?.count == 2)
        #expect(lines.first?["validation"]?["box"]?["iou"]?.double == before.evaluation.meanIoU(.box))
        #expect(lines.last?["best"]?["point"]?["dice"]?.double == after.evaluation.meanDice(.point))
        let page = String(decoding: try FileSystem.read(folder.reportPath), as: UTF8.self)
        #expect(page.contains("Validation IoU") && page.contains("report-clicks: 2") && page.contains("<img"))
    }

    @Test func withoutAReportThereIsNone() throws {
        let directory = try TemporaryDirectory()
        var configuration = try prepare(directory)
        var weights: [[UInt8]] = []
        for isReported in [true, false] {
            configuration.report = isReported
            let folder = RunFolder(path: directory.file("run \(isReported)"))
            let outcome = try Trainer.new(configuration, in: folder, replacing: false).run()
            #expect((outcome.comparison != nil) == isReported && FileSystem.exists(folder.reportPath) == isReported)
            #expect(FileSystem.exists(folder.evaluationFolder) == isReported)
            weights.append(try FileSystem.read(try #require(folder.checkpoints.folder(.last)) + "/model.safetensors"))
        }
        // Looking changes nothing.
        #expect(weights[0] == weights[1])
    }

    @Test func withoutValidationThereAreCurvesAlone() throws {
        let directory = try TemporaryDirectory()
        var configuration = try prepare(directory)
        configuration.val = nil
        let folder = RunFolder(path: directory.file("run"))
        let outcome = try Trainer.new(configuration, in: folder, replacing: false).run()
        #expect(outcome.comparison == nil && !FileSystem.exists(folder.evaluationFolder))
        let page = String(decoding: try FileSystem.read(folder.reportPath), as: UTF8.self)
        #expect(page.contains("Learning rate") && page.contains("no validation set") && !page.contains("<table"))
    }

    /// What is known of the start is not found out again, and a run that is told to stop leaves no end.
    @Test(arguments: [0, 2, 5, 8]) func aResumedRunKeepsItsBeginning(questions: Int) throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(directory)
        let folder = RunFolder(path: directory.file("run"))
        var asked = 0
        let first = try Trainer.new(configuration, in: folder, replacing: false).run(shouldStop: {
            asked += 1
            return asked > questions
        })
        #expect(first.wasInterrupted && first.comparison == nil && !FileSystem.exists(folder.reportPath))
        if FileSystem.exists(folder.evaluationBeforePath) {
            var record = try EvaluationRecord.read(folder.evaluationBeforePath)
            record.seconds = 12_345
            try AtomicFileWriter.write(record.json().text(), to: folder.evaluationBeforePath)
        } else {
            #expect(first.state.step == 0)
        }
        let isKept = FileSystem.exists(folder.evaluationBeforePath)
        let second = try Trainer.resuming(folder, change: { _ in }).run()
        #expect((second.comparison?.before?.seconds == 12_345) == isKept)
        let lines = try metrics(folder)
        #expect(lines.count { $0["moment"] == "start" } == 1 && lines.count { $0["moment"] == "end" } == 1)
        // Going on once more ends in a new end.
        let third = try Trainer.resuming(folder, change: { $0.epochs = 3 }).run()
        #expect(third.state.closedEpochs == 3 && third.comparison?.before != nil)
        #expect(try metrics(folder).count { $0["moment"] == "end" } == 1)
    }

    @Test func aLostBeginningIsSaid() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        try AtomicFileWriter.write("{}", to: folder.evaluationBeforePath)
        let outcome = try Trainer.resuming(folder, change: { $0.epochs = 3 }).run()
        #expect(outcome.comparison?.before == nil && outcome.comparison?.after != nil)
        let page = String(decoding: try FileSystem.read(folder.reportPath), as: UTF8.self)
        #expect(page.contains("nothing is known of the model that training began with"))
    }

    @Test func everyKeyDoesWhatItSays() throws {
        let directory = try TemporaryDirectory()
        var configuration = try prepare(directory)
        configuration.epochs = 1
        func record(_ name: String, _ change: (inout TrainingConfiguration) -> Void) throws -> EvaluationRecord {
            var changed = configuration
            change(&changed)
            let folder = RunFolder(path: directory.file(name))
            return try #require(try Trainer.new(changed, in: folder, replacing: false).run().comparison).after
        }
        func after(_ name: String, _ change: (inout TrainingConfiguration) -> Void) throws -> Evaluation {
            try record(name, change).evaluation
        }
        let plain = try after("a") { _ in }
        #expect(plain.clickCount == 2 && plain.imageCount == 2 && plain.rows.count == 4)
        #expect(try after("b") { $0.reportClicks = 0 }.clickCount == 1)
        #expect(try after("c") { $0.reportClicks = 3 }.clickCount == 3)
        #expect(try after("d") { $0.reportImages = 1 }.imageCount == 1)
        #expect(try after("e") { $0.reportObjects = 3 }.rows.count == 3)
        #expect(try record("f") { $0.reportAutomatic = 1 }.automatic?.images == 1)
        #expect(try record("g") { $0.reportAutomatic = 2 }.automatic?.images == 2)
        #expect(try record("h") { $0.reportAutomatic = 0 }.automatic == nil)
    }

    @Test func replacingRemovesTheOldReport() throws {
        let directory = try TemporaryDirectory()
        var configuration = try prepare(directory)
        let folder = RunFolder(path: directory.file("run"))
        _ = try Trainer.new(configuration, in: folder, replacing: false).run()
        configuration.report = false
        _ = try Trainer.new(configuration, in: folder, replacing: true).run()
        #expect(!FileSystem.exists(folder.reportPath) && !FileSystem.exists(folder.evaluationFolder))
    }

    // MARK: Probes

    @Test func probesMeasureAndCanBeStopped() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepare(directory)
        let set = try ShardSet(path: try #require(configuration.val))
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 1)
        let subset = EvaluationSubset(set)
        // Three runs however short the time.
        let probe = try #require(try LatencyProbe.run(model, on: set, subset: subset, seconds: 0))
        #expect(probe.encoder.runs == 3 && probe.endToEnd.median >= probe.encoder.median)
        for times in [probe.encoder, probe.decoder1, probe.decoder8, probe.endToEnd] {
            #expect(times.median > 0 && times.percentile95 >= times.median)
        }
        #expect(try LatencyProbe.run(model, on: set, subset: subset, shouldStop: { true }) == nil)
        let results = try atEveryWorkerCount {
            try AutomaticMaskCheck.run(model, on: set, subset: subset, minObjectArea: 1, maximumImages: 2)
        }
        for result in results { #expect(result == results[0] && result?.images == 2 && result?.objects == 4) }
        #expect(
            try AutomaticMaskCheck.run(
                model, on: set, subset: subset, minObjectArea: 1, maximumImages: 2, shouldStop: { true }) == nil)
    }
}
