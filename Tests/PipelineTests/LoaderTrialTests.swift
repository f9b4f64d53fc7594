import Augmentation
import Images
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct LoaderTrialTests {
    private func set(in directory: TemporaryDirectory) throws -> ShardSet {
        let samples = try (0..<10).map { index in
            let image = RGBImage(
                height: 30, width: 40, pixels: (0..<3600).map { UInt8(truncatingIfNeeded: $0 * index) })
            let box = Box(x: 4, y: 5, width: 20, height: 10)
            return ShardSample(
                imageID: "\(index)", fileName: "\(index).png", format: "png", width: 40, height: 30,
                encoded: try ImageCodec.encodePNG(image),
                objects: [
                    ShardObject(
                        annotationID: "\(index)", categoryID: 1, categoryName: "a", isCrowd: false, area: 200, box: box,
                        mask: try RLE(height: 30, width: 40, box: box))
                ])
        }
        try ShardSetWriter.write(
            samples, manifest: ShardManifest(name: "a", classes: [ShardClass(categoryID: 1, name: "a")]), shards: 2,
            to: directory.path)
        return try ShardSet(path: directory.path)
    }

    @Test func countsWhatWasLoadedAndWhereTheTimeWent() throws {
        let directory = try TemporaryDirectory()
        let set = try set(in: directory)
        var trial = LoaderTrial()
        trial.batchSize = 4
        trial.epochs = 2
        let plain = try trial.run(set)
        #expect(plain.samples == 20 && plain.objects == 20 && plain.batches == 6)
        #expect(plain.bytes == 2 * set.manifest.byteCount)
        #expect(Set(plain.workSeconds.keys) == [.read, .crc, .parse])
        #expect(plain.state == LoaderState(seed: 0, epoch: 2))
        trial.longestSide = 64
        trial.augmentation = try AugmentationArgument.chain("HorizontalFlip, Transpose")
        let full = try trial.run(set)
        #expect(full.samples == 20 && Set(full.workSeconds.keys) == Set(LoaderWork.allCases))
        #expect(full.workSeconds.values.allSatisfy { $0 >= 0 } && full.seconds > 0)
    }

    @Test func anEmptySetIsAnError() throws {
        let directory = try TemporaryDirectory()
        try ShardManifest(name: "a", classes: []).write(to: directory.path)
        let error = #expect(throws: PipelineError.self) { try LoaderTrial().run(ShardSet(path: directory.path)) }
        #expect(error?.kind == .badInput)
    }

    @Test func stopsWhenTold() throws {
        let directory = try TemporaryDirectory()
        let set = try set(in: directory)
        var trial = LoaderTrial()
        trial.batchSize = 2
        trial.epochs = 1000
        let outcome = try trial.run(set) { done, total in
            #expect(total == 10_000)
            return done < 6
        }
        #expect(outcome.samples == 6)
    }

    @Test func augmentationsInEveryForm() throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write(
            "stages:\n- resize: {longest: 64}\n- augment: {steps: [HorizontalFlip, VerticalFlip]}\n",
            to: directory.file("a.yaml"))
        for (text, count) in [
            ("HorizontalFlip", 1), ("HorizontalFlip,VerticalFlip", 2),
            ("[HorizontalFlip, {Affine: {rotate: [-9, 9]}}]", 2),
            (directory.file("a.yaml"), 2),
        ] { #expect(try AugmentationArgument.chain(text).steps.count == count) }
        for text in ["Spin", "[Affine: {turn: 3}]", "[", directory.file("none.yaml")] {
            #expect(throws: (any Error).self) { try AugmentationArgument.chain(text) }
        }
    }
}
