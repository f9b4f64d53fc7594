import Annotations
import Foundation
import Pipeline
import Runtime
import TestSupport
import Testing

/// Conversions to formats with files for each image alone, interrupted and gone on with.
@Suite struct ExportResumeTests {
    private struct Recipe: Sendable, CustomTestStringConvertible {
        let format: LabelFormat
        var split: String?
        var chain: String?
        var kind = MaskFolderOptions.Kind.auto
        /// Folder of a file of each image in a part, and its ending.
        let folder: String
        let ending: String
        var testDescription: String { "\(format.rawValue) \(kind.rawValue)" }

        var writeOptions: LabelWriteOptions {
            var options = LabelWriteOptions()
            options.masks.kind = kind
            options.masks.writesTIFF = kind == .idMap
            options.segmentAnything.isTar = false
            return options
        }
    }

    private static let recipes = [
        Recipe(format: .yolo, split: "train=0.7,val=0.3", folder: "labels/", ending: "txt"),
        Recipe(
            format: .yoloBoxes,
            chain: "- augment: {steps: [{HorizontalFlip: {p: 1}}], variants: 1}", folder: "labels/", ending: "txt"),
        Recipe(format: .voc, folder: "Annotations/", ending: "xml"),
        Recipe(format: .labelme, folder: "", ending: "json"),
        Recipe(format: .masks, kind: .idMap, folder: "masks/", ending: "tif"),
        Recipe(format: .masks, kind: .classMap, folder: "masks/", ending: "png"),
        Recipe(format: .segmentAnything, folder: "", ending: "json"),
    ]

    /// 153 images, one of them damaged, with two findings of every kind.
    private static func dataset() throws -> SmallDataset {
        var data = try SmallDataset()
        try data.addImages(150)
        try data.write(Array("x".utf8), as: "more/2/12.png")
        return data
    }

    private static func run(_ recipe: Recipe, _ data: SmallDataset, to output: String) throws -> ConversionSummary {
        var options = try data.options(output: data.directory.file(output))
        options.target = recipe.format.rawValue
        options.existingOutput = .resume
        options.split = try recipe.split.map { try SplitRule($0, seed: 1) }
        if let chain = recipe.chain { try PipelineFile(text: chain, path: nil).configure(&options) }
        let (input, writing) = (options.input, recipe.writeOptions)
        return try Conversion(
            options,
            makeWriter: { categories, directory in
                guard let writer = try recipe.format.writer(to: directory, categories: categories, options: writing)
                else { preconditionFailure("\(recipe.format) has no writer") }
                return writer
            }
        ) { try COCOSource(path: input) }.run()
    }

    /// Stops a conversion at a file: a directory stands in its place.
    private static func interrupt(_ recipe: Recipe, _ data: SmallDataset, at file: String) throws {
        let obstacle = data.directory.file("other/" + file)
        try FileSystem.createDirectory(obstacle + "/x")
        let error = #expect(throws: FileError.self) { try run(recipe, data, to: "other") }
        #expect(error?.kind == .inputOutput)
        try FileManager.default.removeItem(atPath: obstacle)
    }

    /// The files of the images in the order of the labels, as the recipe's parts have them.
    private static func labelFiles(_ recipe: Recipe, in files: [String: [UInt8]]) -> [String] {
        let part = recipe.split == nil ? "" : "train/"
        return files.keys.filter { $0.hasPrefix(part + recipe.folder) && $0.hasSuffix("." + recipe.ending) }
            .filter { !["conversion.json"].contains(FileSystem.lastComponent($0)) }
            .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }

    @Test(arguments: recipes) private func itGoesOnToTheSameBytes(recipe: Recipe) throws {
        let data = try Self.dataset()
        let whole = try Self.run(recipe, data, to: "whole")
        #expect(whole.resumedImages == 0)
        let expected = try SmallDataset.files(in: data.directory.file("whole"))
        let files = Self.labelFiles(recipe, in: expected)
        try #require(files.count > 70, "\(files.count)")
        var resumed: Set<Int> = []
        for file in [files[0], files[files.count / 2], files[files.count - 1]] {
            try? FileManager.default.removeItem(atPath: data.directory.file("other"))
            try Self.interrupt(recipe, data, at: file)
            let summary = try Self.run(recipe, data, to: "other")
            #expect(summary.counts == whole.counts && summary.losses == whole.losses)
            #expect(summary.images == whole.images && summary.objects == whole.objects)
            #expect(summary.stages == whole.stages)
            resumed.insert(summary.resumedImages)
            let found = try SmallDataset.files(in: data.directory.file("other"))
            #expect(Set(found.keys) == Set(expected.keys))
            for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
        }
        // Work was saved, in batches.
        #expect(resumed.allSatisfy { $0 % 16 == 0 } && resumed.contains { $0 > 0 }, "\(resumed)")
    }

    /// What is no longer as it was written is written again, with all that comes after it.
    @Test func damagedFilesAreWrittenAgain() throws {
        let recipe = Self.recipes[3]
        let data = try Self.dataset()
        _ = try Self.run(recipe, data, to: "whole")
        let expected = try SmallDataset.files(in: data.directory.file("whole"))
        let files = Self.labelFiles(recipe, in: expected)
        try Self.interrupt(recipe, data, at: files[files.count - 1])
        let journal = try #require(
            try FileSystem.list(data.directory.file("other")).first { $0.hasPrefix(".samdata-resume-") })
        let batches = try FileSystem.list(data.directory.file("other/" + journal))
            .filter { $0.hasPrefix("images-") && $0.split(separator: "-").count == 2 }
        try #require(batches.count >= 8)
        // A file of an image in the middle has other bytes.
        let record = String(
            decoding: try FileSystem.read(data.directory.file("other/\(journal)/images-64.json")), as: UTF8.self)
        let damaged = try #require(files.first { record.contains("\"\($0)\"") })
        try AtomicFileWriter.write("changed", to: data.directory.file("other/" + damaged))
        let summary = try Self.run(recipe, data, to: "other")
        #expect(summary.resumedImages == 64)
        #expect(try SmallDataset.files(in: data.directory.file("other")) == expected)
        // A journal that cannot be read counts for nothing.
        try FileManager.default.removeItem(atPath: data.directory.file("other"))
        try Self.interrupt(recipe, data, at: files[files.count - 1])
        for (name, text) in [
            ("images-0.json", "{"), ("images-0.json", "{\"first\":0,\"end\":9999999,\"parts\":[]}"),
            ("images-0.json", "[]"), ("images-0-0.json", "{}"),
        ] {
            try AtomicFileWriter.write(text, to: data.directory.file("other/\(journal)/\(name)"))
            try Self.interrupt(recipe, data, at: files[files.count - 1])
        }
        try AtomicFileWriter.write("{}", to: data.directory.file("other/\(journal)/images-0.json"))
        let anew = try Self.run(recipe, data, to: "other")
        #expect(anew.resumedImages == 0)
        #expect(try SmallDataset.files(in: data.directory.file("other")) == expected)
    }

    /// Formats of one file, and tar files, are begun anew.
    @Test(arguments: [LabelFormat.coco, .datumaro]) func filesOfAllImagesAreBegunAnew(format: LabelFormat) throws {
        let recipe = Recipe(format: format, folder: "images/", ending: "png")
        let data = try Self.dataset()
        _ = try Self.run(recipe, data, to: "whole")
        let expected = try SmallDataset.files(in: data.directory.file("whole"))
        let last = try #require(expected.keys.filter { $0.hasSuffix("149.png") }.first)
        try Self.interrupt(recipe, data, at: last)
        #expect(try Self.run(recipe, data, to: "other").resumedImages == 0)
        #expect(try SmallDataset.files(in: data.directory.file("other")) == expected)
    }
}
