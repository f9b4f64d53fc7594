import JSONText
import TestSupport
import Testing
import Training

@Suite struct TrackedLineTests {
    @Test func everyNumberOfALineIsAMetric() throws {
        let step = try TrackingFixture.line(TrackingFixture.step(4, epoch: 2))
        #expect(step.step == 4 && step.epoch == 2 && !step.isEpochEnd)
        #expect(step.metrics.map(\.name) == ["train/loss", "train/learning_rate"])
        #expect(step.metrics.map(\.value) == [0.25, 0.5])
        let end = try TrackingFixture.line(TrackingFixture.epoch(2, step: 4))
        #expect(end.isEpochEnd)
        #expect(end.metrics.map(\.name) == ["epoch/loss", "validation/box/iou", "validation/box/objects"])
    }

    /// What is evaluated at the beginning and at the end is not mixed with the validations between.
    @Test func otherLinesAreBelowTheirKind() throws {
        let line = try TrackingFixture.line([
            "kind": "evaluation", "moment": "end", "step": 4, "epoch": 2, "validation": ["box": ["iou": 0.5]],
            "seconds": 2,
        ])
        #expect(line.isEpochEnd)
        #expect(line.metrics.map(\.name) == ["evaluation/end/validation/box/iou", "evaluation/end/seconds"])
    }

    @Test func whatIsNoNumberIsLeftOut() throws {
        let line = try TrackingFixture.line([
            "kind": "step", "step": 1, "a": .null, "b": "text", "c": .number(.nan), "d": .number(.infinity), "e": true,
            "f": [1, 2], "g": 3,
        ])
        #expect(line.metrics.map(\.name) == ["train/g"])
        #expect(TrackedLine(["step": 1], time: 0) == nil)
        #expect(TrackedLine(["kind": "step"], time: 0) == nil)
        #expect(TrackedLine("step", time: 0) == nil)
    }

    @Test func whatIsTrainedAgainIsNotKept() {
        let open = ResumePoint(step: 4, isEpochClosed: false)
        let closed = ResumePoint(step: 4, isEpochClosed: true)
        for point in [open, closed] {
            #expect(point.keeps(step: 4, of: .step) && point.keeps(step: 3, of: .epochEnd))
            #expect(!point.keeps(step: 5, of: .step) && !point.keeps(step: 5, of: .epochEnd))
        }
        #expect(!open.keeps(step: 4, of: .epochEnd) && closed.keeps(step: 4, of: .epochEnd))
        // The comparison at the end is made once more, wherever the run goes on.
        #expect(!open.keeps(step: 3, of: .runEnd) && !closed.keeps(step: 4, of: .runEnd))
    }

    @Test func parametersAreAsTheCommandLineTakesThem() throws {
        let directory = try TemporaryDirectory()
        let run = try TrackingFixture.run(in: directory) { configuration in
            configuration.freeze = ["a", "b*"]
            configuration.track = []
        }
        let values = Dictionary(uniqueKeysWithValues: run.parameters.map { ($0.key, $0.value) })
        #expect(values.count == TrainingConfiguration.keys.count)
        #expect(values["freeze"] == "a,b*" && values["val"] == "null" && values["track"] == "none")
        #expect(
            values["loss"] == "focal=20,dice=1,iou=1,bce=0"
                || values["loss"]?.hasPrefix("focal=20,dice=1,iou=1") ?? false)
        var copy = TrainingConfiguration()
        for (key, value) in run.parameters where value != "null" && !value.isEmpty {
            try copy.set(key, to: .text(value))
        }
        #expect(try copy.yaml() == run.yaml)
    }

    /// A name of others becomes a file of ours: nothing of it leads elsewhere.
    @Test func theRunIsNamedAfterItsFolderUnlessItHasAName() throws {
        let directory = try TemporaryDirectory()
        #expect(try TrackingFixture.run(in: directory, name: "night 7").name == "night 7")
        let named = try TrackingFixture.run(in: directory) {
            $0.runName = "first"
            $0.experiment = "cells"
        }
        #expect(named.name == "first" && named.experiment == "cells")
        #expect(try TrackingFixture.run(in: directory).experiment == "samdata")
    }
}
