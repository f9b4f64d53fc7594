import Annotations
import Foundation
import Images
import JSONText
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Augmentation of a set that is split: no part sees anything of another, and what a model is judged by stays as it is.
@Suite struct AugmentPartsTests {
    private static let side = 40
    private static let count = 24

    /// Images with one object each, whose colour is red in the validation part of `split` and green in the others.
    private func conversion(_ stage: String, split: SplitRule, in directory: TemporaryDirectory) throws
        -> ConversionOptions
    {
        var images: [String] = []
        var annotations: [String] = []
        for index in 0..<Self.count {
            let name = "\(index).png"
            let isJudged = split.parts[split.part(of: name)].name.hasPrefix("val")
            var picture = RGBImage(height: Self.side, width: Self.side, filling: RGBColour(128, 128, UInt8(index)))
            for row in 10..<25 {
                for column in 10..<25 {
                    picture[row, column] = isJudged ? RGBColour(255, 0, 0) : RGBColour(0, 255, 0)
                }
            }
            let path = directory.file("images/" + name)
            try FileSystem.createDirectory(directory.file("images"))
            try AtomicFileWriter.write(ImageCodec.encodePNG(picture), to: path)
            images.append(#"{"id":\#(index),"file_name":"\#(name)","width":\#(Self.side),"height":\#(Self.side)}"#)
            annotations.append(
                #"{"id":\#(index),"image_id":\#(index),"category_id":\#(1 + index % 2),"iscrowd":0,"area":225,"bbox":[10,10,15,15],"segmentation":[[10,10,25,10,25,25,10,25]]}"#
            )
        }
        try AtomicFileWriter.write(
            #"{"images":[\#(images.joined(separator: ","))],"annotations":[\#(annotations.joined(separator: ","))],"categories":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}"#,
            to: directory.file("labels.json"))
        var options = ConversionOptions(
            input: directory.file("labels.json"), images: directory.file("images"), output: directory.file("out"))
        options.existingOutput = .replace
        options.split = split
        try PipelineFile(text: "[\(stage), {encode: {format: png}}]", path: nil).configure(&options)
        return options
    }

    /// Per part, the number of samples, of those that are augmented, and of those with pixels of the other part's colour.
    private func outcome(
        _ options: ConversionOptions
    ) throws -> [String: (samples: Int, augmented: Int, leaks: Int)] {
        var outcome: [String: (samples: Int, augmented: Int, leaks: Int)] = [:]
        for part in try COCOConversion(options).run().parts {
            let set = try ShardSet(path: part.directory)
            var row = (samples: set.count, augmented: 0, leaks: 0)
            for index in 0..<set.count {
                let sample = try set.sample(at: index)
                if sample.imageID.contains("_augmented") { row.augmented += 1 }
                let image = try sample.decodedImage()
                let foreign = (0..<image.height * image.width).count { pixel in
                    let (red, green) = (image.pixels[3 * pixel], image.pixels[3 * pixel + 1])
                    return part.name.hasPrefix("val") ? green > 200 && red < 60 : red > 200 && green < 60
                }
                if foreign > 4 { row.leaks += 1 }
            }
            outcome[part.name] = row
        }
        return outcome
    }

    private static let mixing = [
        "{CopyPaste: {p: 1}}", "{Mosaic: {p: 1, target_size: [40, 40], cell_shape: [40, 40]}}",
    ]

    @Test(arguments: mixing, [SplitRule.Method.hash, .stratified])
    func partsDoNotLeak(step: String, method: SplitRule.Method) throws {
        let directory = try TemporaryDirectory()
        var split = try SplitRule("train=0.6,val=0.4", seed: 3)
        // By name, where the images of each part are known before their pictures are painted.
        if method == .stratified {
            let names = (0..<Self.count).map { "\(split.parts[split.part(of: "\($0).png")].name) \($0).png" }
            try AtomicFileWriter.write(names.joined(separator: "\n"), to: directory.file("split.txt"))
            split.previousFile = directory.file("split.txt")
            split.method = .stratified
        }
        let stage = "{augment: {variants: 3, parts: all, steps: [\(step)]}}"
        let outcome = try outcome(conversion(stage, split: split, in: directory))
        for part in ["train", "val"] {
            let row = try #require(outcome[part])
            #expect(row.samples > 8 && row.augmented == row.samples * 3 / 4)
            #expect(row.leaks == 0, "\(part): \(row.leaks) of \(row.samples) samples show the other part")
        }
    }

    /// Without a word about parts, only the one that is trained on is augmented; names say otherwise.
    @Test(arguments: [
        ("train=0.5,val=0.5", "", ["train"]), ("val=0.5,training=0.5", "", ["training"]), ("a=0.5,b=0.5", "", ["a"]),
        ("a=0.4,b=0.3,c=0.3", ", parts: [b, c]", ["b", "c"]), ("a=0.5,b=0.5", ", parts: all", ["a", "b"]),
    ]) func onlyNamedPartsAreAugmented(shares: String, parts: String, expected: [String]) throws {
        let directory = try TemporaryDirectory()
        let stage = "{augment: {steps: [{HorizontalFlip: {p: 1}}], keep-original: false\(parts)}}"
        let options = try conversion(stage, split: SplitRule(shares, seed: 1), in: directory)
        for (part, row) in try outcome(options) {
            #expect(row.samples > 0 && row.augmented == (expected.contains(part) ? row.samples : 0), "\(part)")
        }
        let plan = try Conversion(options) { try COCOSource(path: options.input) }.dryRun()
        #expect(
            plan.stages[0].summary.contains(
                "in \(plan.forecast.parts.map(\.name).filter(expected.contains).joined(separator: ", ")) alone"))
    }

    @Test func unknownPartsAreErrors() throws {
        let directory = try TemporaryDirectory()
        let stage = "{augment: {steps: [D4], parts: [trian]}}"
        let options = try conversion(stage, split: SplitRule("train=0.5,val=0.5", seed: 1), in: directory)
        let error = #expect(throws: PipelineError.self) { try COCOConversion(options).run() }
        #expect(error?.message == "augment: the split has no part \"trian\"; its parts are train, val")
    }

    /// A part in which nothing can be lent is named, others do not lend to it.
    @Test func aPartWithoutPartnersIsAnError() throws {
        let directory = try TemporaryDirectory()
        let names = (0..<Self.count).map { "\($0 % 2 == 0 ? "train" : "val") \($0).png" }
        try AtomicFileWriter.write(names.joined(separator: "\n"), to: directory.file("split.txt"))
        var split = try SplitRule("train=0.5,val=0.5", seed: 1)
        split.previousFile = directory.file("split.txt")
        // Even images have objects of a alone.
        let stage = "{augment: {steps: [{CopyPaste: {p: 1}}], paste-categories: [b]}}"
        let error = #expect(throws: PipelineError.self) {
            try COCOConversion(conversion(stage, split: split, in: directory)).run()
        }
        #expect(error?.message == "augment: no sample of the part train has an object that could be pasted")
    }
}
