import Foundation
import Images
import JSONText
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct COCOConversionTests {
    /// `Tests/Fixtures/Pipeline/write_fixtures.py` made the masks with pycocotools.
    static func expectedMasks() throws -> [String: String] {
        let text = String(decoding: try FileSystem.read(Repository.fixture("Pipeline/masks.json")), as: UTF8.self)
        return Dictionary(
            uniqueKeysWithValues: try JSONDocument.parse(text).object?.map { ($0.name, $0.value.string ?? "") } ?? [])
    }

    @Test func recordsHoldWhatTheLabelsSay() throws {
        let data = try SmallDataset()
        let (summary, samples) = try data.convert()
        #expect(samples.map(\.imageID) == ["1", "2", "3"])
        #expect(samples.map(\.fileName) == ["a/small.png", "b/large.png", "b/empty.png"])
        #expect(samples.map { [$0.width, $0.height] } == [[24, 18], [30, 20], [30, 20]])
        #expect(samples.map(\.format) == ["png", "png", "png"])
        for sample in samples {
            let bytes = try FileSystem.read(data.images + "/" + sample.fileName)
            #expect(sample.encoded == bytes)
            #expect(sample.sha256 == SHA256Digest.hex(bytes))
        }
        let objects = samples.flatMap(\.objects)
        #expect(objects.map(\.annotationID) == ["11", "12", "14", "13", "15"])
        #expect(objects.map(\.categoryID) == [3, 90, 3, 3, 90])
        #expect(objects.map(\.categoryName) == ["square", "crowd", "square", "square", "crowd"])
        #expect(objects.map(\.isCrowd) == [false, true, false, false, false])
        #expect(objects.map(\.area) == [102.125, 12, 77.125, 150.5, 150.5])
        #expect(objects[0].box == Box(x: 4.5, y: 3, width: 10.75, height: 9.5))
        #expect(objects[3].box == Box(x: 1, y: 1, width: 14.25, height: 15))
        let masks = try Self.expectedMasks()
        for object in objects { #expect(object.mask.compressedString == masks[object.annotationID]) }
        #expect(summary.counts.isEmpty)
        #expect(summary.listedImages == 3 && summary.images == 3 && summary.objects == 5 && summary.shards == 1)
        let manifest = try #require(summary.parts.first?.manifest)
        #expect(manifest.classes.map(\.categoryID) == [90, 3])
        #expect(manifest.classes.map(\.name) == ["crowd", "square"])
        #expect(try manifest.source?.sha256 == SHA256Digest.hex(FileSystem.read(data.directory.file("labels.json"))))
        #expect(try FileSystem.list(data.output).count == 3)
    }

    /// Order of sections does not matter; ids may be texts.
    @Test func annotationsMayComeFirstOrLast() throws {
        var data = try SmallDataset()
        let (_, first) = try data.convert()
        guard case .object(let members) = data.labels else { return }
        data.labels = .object(members.sorted { $0.name > $1.name })
        let (_, last) = try data.convert()
        #expect(first == last)
    }

    @Test func textIdsSurvive() throws {
        var data = try SmallDataset()
        try data.writeImage("t.png", width: 8, height: 8)
        try data.add("{\"id\": \"t/1\", \"file_name\": \"t.png\", \"width\": 8, \"height\": 8}", to: "images")
        try data.add("{\"id\": \"cell\", \"name\": \"Zelle\"}", to: "categories")
        try data.add(
            "{\"id\": \"ann \\\"1\\\"\", \"image_id\": \"t/1\", \"category_id\": \"cell\", \"segmentation\": [[1,1,6,1,6,6,1,6]], \"bbox\": [1,1,5,5], \"area\": 25, \"iscrowd\": 0}",
            to: "annotations")
        let (summary, samples) = try data.convert()
        #expect(samples.last?.imageID == "t/1")
        #expect(samples.last?.objects.first?.annotationID == "ann \"1\"")
        #expect(samples.last?.objects.first?.categoryID == 91)
        #expect(summary.parts.first?.manifest.classes.last?.sourceID == "cell")
        #expect(summary.counts.map(\.rule) == ["schema.id-type"])
    }

    @Test func evenOddRingsMakeHoles() throws {
        let data = try SmallDataset()
        let (_, filled) = try data.convert()
        let (_, holed) = try data.convert { $0.ringRule = .evenOdd }
        func mask(_ samples: [ShardSample], _ id: String) throws -> RLE {
            try #require(samples.flatMap(\.objects).first { $0.annotationID == id }?.mask)
        }
        let hole = try RLE(height: 18, width: 24, polygons: [[7, 5, 12, 5, 12, 10, 7, 10]])
        #expect(try RLE.intersection([mask(holed, "14"), hole]).isEmpty)
        #expect(try RLE.union([mask(holed, "14"), hole]) == mask(filled, "14"))
        #expect(hole.area == 25)
        for id in ["11", "12", "13"] { #expect(try mask(holed, id) == mask(filled, id)) }
    }

    /// The same bytes at any thread count, manifests and indexes included.
    @Test func bytesDoNotDependOnThreads() throws {
        var data = try SmallDataset()
        try data.addImages(40)
        try data.add(
            "{\"id\": 99, \"image_id\": 1, \"category_id\": 3, \"segmentation\": [[1, 2, 3, 4]], \"bbox\": [0, 0, 1, 1]}",
            to: "annotations")
        var options = try data.options()
        options.split = try SplitRule("train=0.7,val=0.3", seed: 3)
        options.shardBytes = 5000
        options.existingOutput = .replace
        let runs = try atEveryWorkerCount { () -> [String: [UInt8]] in
            _ = try COCOConversion(options).run()
            return try SmallDataset.files(in: data.output)
        }
        #expect(runs[0].count > 12)
        #expect(runs.allSatisfy { $0 == runs[0] })
    }

    @Test func shardsEndAtTheirSize() throws {
        var data = try SmallDataset()
        try data.addImages(30)
        let (one, whole) = try data.convert()
        #expect(one.shards == 1)
        let (many, parts) = try data.convert { $0.shardBytes = 6000 }
        #expect(many.shards > 3)
        #expect(parts == whole)
        #expect(many.parts[0].manifest.shards.allSatisfy { (1...9000).contains($0.bytes) })
        let (each, singles) = try data.convert { $0.shardBytes = 1 }
        #expect(each.shards == 33)
        #expect(singles == whole)
        #expect(try FileSystem.list(data.output).count == 2 * 33 + 1)
    }

    @Test func orientationIsIgnoredOrStated() throws {
        var data = try SmallDataset()
        try data.write(FileSystem.read(Repository.fixture("Pipeline/turned.jpg")), as: "turned.jpg")
        var turned = data
        // 12 x 8 pixels are stored; EXIF makes them 8 x 12.
        try data.add("{\"id\": 4, \"file_name\": \"turned.jpg\", \"width\": 12, \"height\": 8}", to: "images")
        try turned.add("{\"id\": 4, \"file_name\": \"turned.jpg\", \"width\": 8, \"height\": 12}", to: "images")

        let (raw, stored) = try data.convert()
        #expect(stored.last.map { [$0.width, $0.height, $0.exifOrientation] } == [12, 8, 1])
        #expect(raw.counts.map(\.rule) == ["image.exif"] && !raw.hasDrops)
        #expect(raw.parts[0].manifest.exifPolicy == .raw)

        let (apply, upright) = try turned.convert { $0.exifPolicy = .apply }
        #expect(upright.last.map { [$0.width, $0.height, $0.exifOrientation] } == [8, 12, 6])
        #expect(apply.counts.isEmpty)
        #expect(apply.parts[0].manifest.exifPolicy == .apply)

        for (set, policy) in [(data, ExifPolicy.apply), (turned, .raw)] {
            let (summary, samples) = try set.convert { $0.exifPolicy = policy }
            #expect(samples.count == 3)
            #expect(summary.counts.map(\.rule) == ["image.size"])
            let other = policy == .raw ? "--exif apply" : "--exif raw"
            #expect(summary.examples.first?.message.contains(other) == true)
        }
    }

    @Test func sizesAreTakenFromTheFileWhereTheLabelsHaveNone() throws {
        var data = try SmallDataset()
        try data.writeImage("free.png", width: 11, height: 5)
        try data.add(
            "{\"id\": 7, \"file_name\": \"free.png\"}",
            "{\"id\": 8, \"file_name\": \"free.png\", \"width\": 0, \"height\": 0}", to: "images")
        let (summary, samples) = try data.convert()
        #expect(samples.suffix(2).map { [$0.width, $0.height] } == [[11, 5], [11, 5]])
        #expect(summary.counts.map(\.rule) == ["schema.image-size"] && summary.counts.map(\.count) == [2])
        #expect(!summary.hasDrops)
    }

    /// Names as Windows writes them are found; what is odd about a name is told in any case.
    @Test func oddPathsAreTold() throws {
        var data = try SmallDataset()
        let absolute = data.images + "/b/large.png"
        try data.add(
            "{\"id\": 7, \"file_name\": \"b\\\\large.png\", \"width\": 30, \"height\": 20}",
            "{\"id\": 8, \"file_name\": \"b\\\\gone.png\", \"width\": 30, \"height\": 20}",
            "{\"id\": 9, \"file_name\": \"\(absolute)\", \"width\": 30, \"height\": 20}",
            "{\"id\": 10, \"file_name\": \"b/../b/large.png\", \"width\": 30, \"height\": 20}", to: "images")
        let (summary, samples) = try data.convert()
        #expect(samples.suffix(3).map(\.imageID) == ["7", "9", "10"])
        #expect(
            ConversionFindingTests.describe(summary.counts) == [
                "image.path image kept 7,9", "image.path image dropped 8",
            ])
    }

    /// A name that leads out of the images' directory is not opened, unless that is asked for.
    @Test func namesThatLeadOutAreRefused() throws {
        var data = try SmallDataset()
        let outside = FileSystem.folder(of: data.images) + "/outside.png"
        try AtomicFileWriter.write(FileSystem.read(data.images + "/b/large.png"), to: outside)
        try data.add(
            "{\"id\": 7, \"file_name\": \"b/../../outside.png\", \"width\": 30, \"height\": 20}",
            "{\"id\": 8, \"file_name\": \"\(outside)\", \"width\": 30, \"height\": 20}", to: "images")
        let (refused, samples) = try data.convert()
        #expect(!samples.contains { ["7", "8"].contains($0.imageID) })
        #expect(ConversionFindingTests.describe(refused.counts) == ["image.outside image dropped 7,8"])
        var options = try data.options()
        options.output += "-2"
        options.takesOutsideImages = true
        let taken = try COCOConversion(options).run()
        #expect(ConversionFindingTests.describe(taken.counts) == ["image.path image kept 7,8"])
        #expect(options.command.contains(" --outside-images "))
    }

    /// Labels that are damaged anywhere are an error or findings, never a crash.
    @Test func survivesDamagedLabels() throws {
        let data = try SmallDataset()
        var options = try data.options()
        options.existingOutput = .replace
        let good = try FileSystem.read(options.input)
        for round in 0..<80 {
            var random = CounterRandom(seed: 2, sample: UInt64(round), purpose: RandomPurpose("damage"))
            var bytes = good
            for _ in 0...random.index(below: 3) {
                let at = random.index(below: bytes.count)
                switch random.index(below: 4) {
                case 0: bytes[at] = UInt8(random.index(below: 256))
                case 1: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.index(below: 8)))
                case 2: bytes.insert(contentsOf: Array("9e99".utf8), at: at)
                default: bytes[at] ^= 1
                }
            }
            try Data(bytes).write(to: URL(fileURLWithPath: options.input))
            do {
                let summary = try COCOConversion(options).run()
                #expect(summary.images <= 3)
            } catch {
                #expect(error is any OperationError, "\(error)")
            }
        }
    }
}
