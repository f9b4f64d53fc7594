import Foundation
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ConversionResumeTests {
    /// A conversion into several shards in two parts, with a finding in the middle.
    static func dataset() throws -> (SmallDataset, ConversionOptions) {
        var data = try SmallDataset()
        try data.addImages(24)
        try data.write(Array("x".utf8), as: "more/2/12.png")
        var options = try data.options()
        options.split = try SplitRule("train=0.6,val=0.4", seed: 1)
        options.shardBytes = 4000
        return (data, options)
    }

    static func files(in directory: String) throws -> [String: [UInt8]] { try SmallDataset.files(in: directory) }

    /// Stops a conversion in mid-course: a directory stands where a shard is to be renamed to.
    static func interrupt(_ options: ConversionOptions, at shard: String) throws {
        let obstacle = options.output + "/" + shard
        try FileSystem.createDirectory(obstacle + "/x")
        var options = options
        options.existingOutput = .resume
        let error = #expect(throws: ShardError.self) { try COCOConversion(options).run() }
        #expect(error?.kind == .inputOutput)
        try FileManager.default.removeItem(atPath: obstacle)
    }

    @Test func goesOnToTheSameBytes() throws {
        let (data, options) = try Self.dataset()
        let whole = try COCOConversion(options).run()
        let expected = try Self.files(in: data.output)
        let shards = whole.parts.flatMap { part in part.manifest.shards.map { part.name + "/" + $0.file } }
        #expect(shards.count > 4)
        var resumed = options
        resumed.output = data.directory.file("other")
        for (index, shard) in shards.enumerated() {
            try? FileManager.default.removeItem(atPath: resumed.output)
            try Self.interrupt(resumed, at: shard)
            #expect(try !Self.files(in: resumed.output).keys.contains { $0.hasSuffix("manifest.json") })
            resumed.existingOutput = .resume
            let summary = try COCOConversion(resumed).run()
            #expect(summary.resumedShards == index)
            #expect(summary.counts == whole.counts)
            #expect(try Self.files(in: resumed.output) == expected)
        }
    }

    @Test func damagedShardsAreWrittenAgain() throws {
        let (data, options) = try Self.dataset()
        let whole = try COCOConversion(options).run()
        let expected = try Self.files(in: data.output)
        var other = options
        other.output = data.directory.file("other")
        try Self.interrupt(other, at: "val/" + whole.parts[1].manifest.shards[0].file)
        let first = other.output + "/train/" + whole.parts[0].manifest.shards[0].file
        var bytes = try FileSystem.read(first)
        bytes[40] ^= 1
        try AtomicFileWriter.write(bytes, to: first)
        for name in ["train/.train-00001-of-00009.tfrecord.123.tmp", "val/.manifest.json.7.tmp", ".split.json.123.tmp"]
        {
            try AtomicFileWriter.write("left", to: other.output + "/" + name)
        }
        other.existingOutput = .resume
        let summary = try COCOConversion(other).run()
        #expect(summary.resumedShards == whole.parts[0].manifest.shards.count - 1)
        #expect(try Self.files(in: other.output) == expected)
    }

    @Test func finishedConversionIsLeftAlone() throws {
        let (data, options) = try Self.dataset()
        let whole = try COCOConversion(options).run()
        var again = options
        again.existingOutput = .resume
        let expected = try Self.files(in: data.output)
        let summary = try COCOConversion(again).run()
        #expect(summary.resumedShards == summary.shards)
        #expect(summary.counts == whole.counts && summary.listedImages == whole.listedImages)
        #expect(try Self.files(in: data.output) == expected)
    }

    @Test func otherInputOrOptionsAreRefused() throws {
        let (data, options) = try Self.dataset()
        _ = try COCOConversion(options).run()
        #expect(FileSystem.exists(data.output))
        var resume = options
        resume.existingOutput = .resume
        resume.shardBytes = 5000
        let finished = #expect(throws: PipelineError.self) { try COCOConversion(resume).run() }
        #expect(finished?.code == .otherRun)
    }

    @Test func unfinishedRunOfOtherImagesIsRefused() throws {
        let (data, options) = try Self.dataset()
        let whole = try COCOConversion(options).run()
        var other = options
        other.output = data.directory.file("other")
        try Self.interrupt(other, at: "val/" + whole.parts[1].manifest.shards[0].file)
        try data.writeImage("more/0/0.png", width: 16, height: 9)
        other.existingOutput = .resume
        let error = #expect(throws: PipelineError.self) { try COCOConversion(other).run() }
        #expect(error?.code == .otherRun)
    }

    @Test func fullDirectoriesAreRefusedOrReplaced() throws {
        let (data, options) = try Self.dataset()
        _ = try COCOConversion(options).run()
        let refused = #expect(throws: PipelineError.self) { try COCOConversion(options).run() }
        #expect(refused?.code == .outputExists)
        #expect(refused?.kind == .usage)
        try AtomicFileWriter.write("mine", to: data.output + "/notes.txt")
        try AtomicFileWriter.write("mine", to: data.output + "/train/notes.txt")
        var replacing = options
        replacing.existingOutput = .replace
        replacing.split = nil
        replacing.shardBytes = 1_000_000
        _ = try COCOConversion(replacing).run()
        #expect(
            try Self.files(in: data.output).keys.sorted() == [
                "data-00000-of-00001.idx", "data-00000-of-00001.tfrecord", "manifest.json", "notes.txt",
                "train/notes.txt",
            ])
        var file = options
        file.output = options.input
        #expect(throws: PipelineError.self) { try COCOConversion(file).run() }
    }
}
