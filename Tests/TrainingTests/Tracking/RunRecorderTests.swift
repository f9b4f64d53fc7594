import Foundation
import Images
import JSONText
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing
import Training

@Suite struct RunRecorderTests {
    /// Notes what it hears, and fails when it is told to.
    final class Tracker: RunTracker {
        var heard: [String] = []
        let failsAt: String?

        init(failsAt: String? = nil) { self.failsAt = failsAt }

        private func hear(_ what: String) throws {
            heard.append(what)
            if what == failsAt { throw FileError(.write, path: "disk", "is full") }
        }

        func begin(_ run: TrackedRun) throws { try hear("begin \(run.name)") }
        func record(_ line: TrackedLine) throws { try hear("line \(line.step)") }
        func show(_ pictures: [TrackedPicture], at line: TrackedLine) throws { try hear("pictures \(pictures.count)") }
        func end(_ ending: RunEnding) throws -> String? {
            try hear("end \(ending)")
            return "done"
        }
    }

    @Test(arguments: ["begin run", "line 1", "line 2", "end finished"])
    func aTrackerThatFailsIsHeardOfOnce(moment: String) throws {
        let directory = try TemporaryDirectory()
        let (good, bad) = (Tracker(), Tracker(failsAt: moment))
        var remarks: [String] = []
        let recorder = RunRecorder([("bad", bad), ("good", good)], pictures: nil, remark: { remarks.append($0) })
        recorder.begin(try TrackingFixture.run(in: directory))
        recorder.record(TrackingFixture.step(1))
        recorder.record(TrackingFixture.step(2))
        recorder.record(["kind": "note"])
        recorder.ending = .finished
        recorder.end()
        #expect(good.heard == ["begin run", "line 1", "line 2", "end finished"])
        #expect(bad.heard.last == moment)
        #expect(remarks.count == 3 && remarks[0].contains("bad") && remarks[0].contains("is full"))
        #expect(remarks[1] == "done" && remarks[2].contains("metrics.jsonl"))
    }

    // MARK: Pictures

    /// A validated image of a set of discs.
    private func answered(_ sample: ShardSample) throws -> AnsweredImage {
        let masks = sample.objects.map(\.mask)
        return AnsweredImage(
            sample: sample, image: try sample.decodedImage(), objects: sample.objects, answerer: 0,
            masks: [.box: masks, .point: masks])
    }

    @Test(arguments: [(0, []), (1, [3]), (2, [1, 5]), (3, [1, 3, 5]), (7, Array(0...6)), (9, Array(0...6))])
    func theChoiceIsFixedAndSpread(count: Int, expected: [Int]) throws {
        let directory = try TemporaryDirectory()
        let samples = try TrainingFixture.samples(7)
        try TrainingFixture.write(samples, to: directory.file("val"))
        let set = try ShardSet(path: directory.file("val"))
        for _ in 0..<2 {
            let pictures = SamplePictures(set, count: count, folder: directory.file("samples"))
            for index in 0..<set.count { pictures.add(try answered(try set.sample(at: index))) }
            let written = try pictures.write(epoch: 12)
            #expect(written.map(\.name) == expected.map { set.entry(at: $0).imageID })
            #expect(written.allSatisfy { $0.path == directory.file("samples/epoch-0012-\($0.name).png") })
            for picture in written { #expect(try FileSystem.read(picture.path) == picture.png) }
            #expect(try pictures.write(epoch: 13).isEmpty)
        }
    }

    /// Names of images become names of files that lead nowhere else, one each.
    @Test func namesAreSafeAndDiffer() throws {
        let directory = try TemporaryDirectory()
        let names = [
            "a/x.png", "b/x.jpg", "../../x.png", ".hidden.png", "\u{e4} b.png", String(repeating: "n", count: 300),
        ]
        let samples = zip(try TrainingFixture.samples(names.count), names).map { sample, name in
            ShardSample(
                imageID: sample.imageID, fileName: name, format: "png", width: sample.width, height: sample.height,
                encoded: sample.encoded, objects: sample.objects)
        }
        try TrainingFixture.write(samples, to: directory.file("val"))
        let set = try ShardSet(path: directory.file("val"))
        let pictures = SamplePictures(set, count: 6, folder: directory.file("samples"))
        for sample in samples { pictures.add(try answered(sample)) }
        let written = try pictures.write(epoch: 1).map(\.name)
        #expect(written == ["x", "x-1", "x-2", "_hidden", "____b", String(repeating: "n", count: 80)])
        #expect(try FileSystem.list(directory.file("samples")).count == 6)
    }

    /// A large image is drawn smaller, with everything in its place.
    @Test func largeImagesAreReduced() throws {
        let (height, width) = (90, 200)
        let mask = TrainingFixture.disc(row: 45, column: 150, radius: 30, height: height, width: width)
        let object = ShardObject(
            annotationID: "1", categoryID: 1, categoryName: "disc", isCrowd: false, area: Double(mask.area),
            box: mask.boundingBox, mask: mask)
        let sample = ShardSample(
            imageID: "1", fileName: "1.png", format: "png", width: width, height: height, encoded: [], objects: [object]
        )
        let answered = AnsweredImage(
            sample: sample, image: RGBImage(height: height, width: width), objects: [object], answerer: 0,
            masks: [.box: [mask], .point: []])
        let whole = AnsweredPicture(answered, longestSide: 200).draw()
        let reduced = AnsweredPicture(answered, longestSide: 100).draw()
        // Both are enlarged to the comfortable size: two and five times.
        #expect(whole.width == 3 * 400 + 12 && reduced.width == 3 * 500 + 12)
        /// Share of the first panel that is not black.
        func coloured(_ image: RGBImage) -> Double {
            let side = (image.width - 12) / 3
            let count = (20..<image.height).reduce(0) { total, row in
                total + (0..<side).count { image[row, $0] != .black }
            }
            return Double(count) / Double((image.height - 20) * side)
        }
        let expected = Double(mask.area) / Double(height * width)
        #expect(abs(coloured(whole) - expected) < 0.02 && abs(coloured(reduced) - expected) < 0.02)
    }
}
