import Annotations
import Foundation
import Images
import JSONText
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Conversions with stages, to shards and to labels.
@Suite struct ChainConversionTests {
    /// The fixture's labels, and images of a class that is rare, in which one is twice.
    static func dataset() throws -> SmallDataset {
        var data = try SmallDataset()
        for index in 0..<14 {
            let name = "more/\(index).png"
            try data.writeImage(index == 9 ? "more/8.png" : name, width: 40, height: 36)
            if index == 9 { try data.write(FileSystem.read(data.images + "/more/8.png"), as: name) }
            try data.add(
                "{\"id\": \(100 + index), \"file_name\": \"\(name)\", \"width\": 40, \"height\": 36}", to: "images")
            let category = index == 4 ? 90 : 3
            let (x, y) = (2 + index, 3 + index)
            try data.add(
                "{\"id\": \(1000 + index), \"image_id\": \(100 + index), \"category_id\": \(category), \"iscrowd\": 0, \"area\": 100, \"bbox\": [\(x),\(y),10,10], \"segmentation\": [[\(x),\(y),\(x + 10),\(y),\(x + 10),\(y + 10),\(x),\(y + 10)]]}",
                to: "annotations")
        }
        return data
    }

    static let chain = """
        - filter: {min-area: 20}
        - deduplicate: {by: pixels}
        - tile: {size: 24, halo: 8, empty: drop}
        - resize: {longest-side: 16}
        - augment: {steps: [{HorizontalFlip: {p: 1}}, {CopyPaste: {p: 1}}], variants: 1}
        - balance: {threshold: 0.5}
        """

    static func configured(_ data: SmallDataset, _ chain: String = chain) throws -> ConversionOptions {
        var options = try data.options()
        options.shardBytes = 6000
        options.seed = 7
        options.split = try SplitRule("train=0.6,val=0.4", seed: 7)
        try PipelineFile(text: chain, path: nil).configure(&options)
        return options
    }

    static func files(in directory: String) throws -> [String: [UInt8]] { try SmallDataset.files(in: directory) }

    /// The same bytes for any number of threads, in shards and in labels.
    @Test(arguments: [false, true])
    func threadsDoNotMatter(toLabels: Bool) throws {
        let data = try Self.dataset()
        var expected: [String: [UInt8]]?
        for workers in [1, 2, 3, 7] {
            var options = try Self.configured(data)
            options.existingOutput = .replace
            options.output = data.directory.file("out\(workers)")
            options.writesRepeats = toLabels
            let summary = try Workers.with(workers) { try Self.convert(options, toLabels: toLabels) }
            let files = try Self.files(in: options.output)
            #expect(summary.images > 17 && files.count > 4)
            if let expected { #expect(files == expected, "\(workers) workers") }
            expected = files
        }
    }

    static func convert(_ options: ConversionOptions, toLabels: Bool) throws -> ConversionSummary {
        guard toLabels else { return try COCOConversion(options).run() }
        var options = options
        options.target = "coco"
        return try Conversion(
            options,
            makeWriter: { try COCOSetWriter(root: $1, categories: $0) },
            open: { [options] in try COCOSource(path: options.input) }
        ).run()
    }

    /// Counts add up: what a stage lets out the next takes in, and the last one's is what is in the shards.
    @Test func everyStageIsAccountedFor() throws {
        let data = try Self.dataset()
        let options = try Self.configured(data)
        let summary = try COCOConversion(options).run()
        let stages = summary.stages
        #expect(stages.map(\.name) == ["filter", "deduplicate", "tile", "resize", "augment", "balance"])
        #expect(stages[0].imagesIn == 17 && stages[0].objectsIn == 19)
        for (stage, next) in zip(stages, stages.dropFirst()) {
            #expect(stage.imagesOut == next.imagesIn && stage.objectsOut == next.objectsIn)
        }
        #expect(stages.last?.imagesOut == summary.images && stages.last?.objectsOut == summary.objects)
        // What the filter has left out is listed, and nothing of it is called a defect.
        let filtered = try #require(summary.counts.first { $0.rule == "filter.area" })
        #expect(filtered.count == stages[0].objectsIn - stages[0].objectsOut && filtered.ids.count == filtered.count)
        #expect(summary.counts.first { $0.rule == "duplicate.pixels" }?.ids == ["109"])
        #expect(!summary.hasDrops && summary.droppedImages == 0)
        let manifests = summary.parts.map(\.manifest)
        #expect(manifests.allSatisfy { $0.stages.count == 6 && $0.command.contains("--stages") })
        let repeats = manifests.flatMap { $0.shards.flatMap(\.records) }.map(\.repeats)
        #expect(repeats.contains { $0 > 1 } && repeats.allSatisfy { $0 >= 1 })
        for part in summary.parts {
            let set = try ShardSet(path: part.directory)
            for index in 0..<set.count {
                let sample = try set.sample(at: index)
                let image = try sample.decodedImage()
                #expect(max(image.width, image.height) <= 24)
                for object in sample.objects {
                    #expect(object.mask.height == image.height && object.mask.width == image.width)
                    #expect(!object.mask.isEmpty && object.area == Double(object.mask.area))
                }
                #expect(Set(sample.objects.map(\.annotationID)).count == sample.objects.count)
            }
        }
        let ids = manifests.flatMap { $0.shards.flatMap(\.records) }.map(\.imageID)
        #expect(Set(ids).count == ids.count)
    }

    /// What a dry run foretells comes true, and it writes nothing.
    @Test func dryRunsTellTheTruth() throws {
        let data = try Self.dataset()
        let options = try Self.configured(data)
        let plan = try Conversion(options) { try COCOSource(path: options.input) }.dryRun()
        #expect(!FileSystem.exists(options.output))
        let summary = try COCOConversion(options).run()
        #expect(plan.forecast.images == summary.images && plan.forecast.objects == summary.objects)
        #expect(plan.shards == summary.shards && plan.counts == summary.stages)
        // Of several parts, ids come part by part.
        func sorted(_ counts: [FindingCount]) -> [FindingCount] {
            counts.map { count in
                var count = count
                count.ids.sort()
                return count
            }
        }
        #expect(sorted(plan.ledger.counts) == sorted(summary.counts))
        #expect(plan.stages.map(\.name) == summary.stages.map(\.name))
        for (part, written) in zip(plan.forecast.parts, summary.parts) {
            #expect(part.name == written.name && part.images == written.images && part.objects == written.objects)
        }
        let counts = summary.parts.map { $0.manifest.classCounts }
        for row in plan.forecast.classes {
            let id = try #require(Int64(row.id))
            #expect(row.objectsByPart == counts.map { $0[id]?.objects ?? 0 })
            #expect(row.images == counts.reduce(0) { $0 + ($1[id]?.images ?? 0) })
        }
        // An epoch is one of what is trained on.
        let expected = summary.parts.filter { $0.name == "train" }.reduce(0.0) { sum, part in
            sum + part.manifest.shards.reduce(0) { $0 + $1.records.reduce(0) { $0 + $1.repeats } }
        }
        #expect(abs(plan.forecast.expectedImages - expected) < 1e-9)
    }

    /// Interrupted after every shard, a conversion with stages ends with the bytes of one that was not.
    @Test func goesOnToTheSameBytes() throws {
        let data = try Self.dataset()
        let options = try Self.configured(data)
        let whole = try COCOConversion(options).run()
        let expected = try Self.files(in: options.output)
        let shards = whole.parts.flatMap { part in part.manifest.shards.map { part.name + "/" + $0.file } }
        #expect(shards.count > 3)
        var resumed = options
        resumed.output = data.directory.file("other")
        for shard in shards {
            try? FileManager.default.removeItem(atPath: resumed.output)
            try ConversionResumeTests.interrupt(resumed, at: shard)
            resumed.existingOutput = .resume
            let summary = try COCOConversion(resumed).run()
            #expect(summary.stages == whole.stages && summary.counts == whole.counts)
            #expect(try Self.files(in: resumed.output) == expected)
        }
        // Another chain is another conversion.
        var other = try Self.configured(data, "- filter: {min-area: 21}")
        other.existingOutput = .resume
        let error = #expect(throws: PipelineError.self) { try COCOConversion(other).run() }
        #expect(error?.code == .otherRun)
    }

    /// Repeats that are written are as many as the manifest would have asked for, on average, and have ids of their own.
    @Test func repeatsCanBeWritten() throws {
        let data = try Self.dataset()
        var options = try Self.configured(data, "- balance: {method: none, minimum: 40, max-repeat: 2.5}")
        let noted = try COCOConversion(options).run().parts.flatMap { $0.manifest.shards.flatMap(\.records) }
        options.existingOutput = .replace
        options.writesRepeats = true
        let summary = try COCOConversion(options).run()
        let written = summary.parts.flatMap { $0.manifest.shards.flatMap(\.records) }
        #expect(written.allSatisfy { $0.repeats == 1 } && Set(written.map(\.imageID)).count == written.count)
        for record in noted {
            let copies = written.count { $0.imageID == record.imageID || $0.imageID.hasPrefix(record.imageID + "#") }
            #expect(copies == Int(record.repeats) || copies == Int(record.repeats) + 1)
        }
        #expect(summary.counts.contains { $0.rule == "balance.few-objects" && $0.severity == .warning })
    }

    /// COCO to COCO without stages is the same labels; with tiles, ids are numbers of their own.
    @Test func labelsStayWhatTheyAre() throws {
        let data = try SmallDataset()
        var options = try data.options()
        options.existingOutput = .replace
        let summary = try Self.convert(options, toLabels: true)
        #expect(summary.images == 3 && summary.objects == 5 && summary.losses.isEmpty)
        let (before, _) = try COCOReader.read(path: options.input)
        let (after, _) = try COCOReader.read(path: options.output + "/annotations.json")
        #expect(after.categories == before.categories)
        #expect(after.images.map(\.id) == before.images.map(\.id))
        for annotation in before.annotations {
            let same = try #require(after.annotations.first { $0.id == annotation.id })
            #expect(same.bbox == annotation.bbox && same.area == annotation.area && same.isCrowd == annotation.isCrowd)
            let image = try #require(before.images.first { $0.id == annotation.imageID })
            let (height, width) = (image.height ?? 0, image.width ?? 0)
            #expect(
                try same.segmentation?.rle(height: height, width: width)
                    == annotation.segmentation?.rle(height: height, width: width))
        }
        let record = try JSONDocument.read(path: options.output + "/conversion.json")
        #expect(try JSONSchemaCheck("conversion").violations(of: record).isEmpty)
        #expect(record["objects"]?.int == 5)
        var tiled = try Self.configured(data, "- tile: {size: 16, halo: 4}")
        tiled.split = nil
        tiled.existingOutput = .replace
        _ = try Self.convert(tiled, toLabels: true)
        let (tiles, _) = try COCOReader.read(path: tiled.output + "/annotations.json")
        #expect(tiles.images.map(\.id) == (1...tiles.images.count).map { .integer(Int64($0)) })
        #expect(tiles.annotations.map(\.id) == (1...tiles.annotations.count).map { .integer(Int64($0)) })
        #expect(try tiles.images[0].extra["source_id"]?.parsed() == "1_0_0")
    }

    /// An image that turns out to be damaged when a stage looks at its pixels is dropped, not the run.
    @Test func damageInsideIsADrop() throws {
        let data = try Self.dataset()
        var bytes = try FileSystem.read(data.images + "/more/3.png")
        for index in bytes.count / 2..<bytes.count / 2 + 12 { bytes[index] ^= 0x5A }
        try data.write(bytes, as: "more/3.png")
        let summary = try COCOConversion(Self.configured(data)).run()
        let drops = summary.counts.filter { $0.isDrop && !$0.isReject }
        #expect(drops.count == 1 && drops[0].ids == ["103"] && drops[0].subject == .image && summary.hasDrops)
        var strict = try Self.configured(data)
        strict.existingOutput = .replace
        strict.dropPolicy = .fail
        let error = #expect(throws: PipelineError.self) { try COCOConversion(strict).run() }
        #expect(error?.code == .dropped)
    }
}
