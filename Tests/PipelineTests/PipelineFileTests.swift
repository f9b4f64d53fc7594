import Foundation
import JSONText
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct PipelineFileTests {
    static let everything = """
        # All that there is, once.
        stages:
          - parse: {on-error: skip, exif: apply, decode: true}
          - rasterise: {rings: even-odd}
          - filter:
              categories: [cell, nucleus]
              min-area: 20
              where: "score >= 0.5 or not iscrowd"
          - quality: {against: other.json, min-iou: 0.9, category: any}
          - deduplicate: {by: perceptual, distance: 3}
          - categories: {map: {cell: blob, nucleus: blob}}
          - tile: {size: 512, halo: 64, min-visible: 0.3, empty: drop}
          - resize: {longest-side: 1024, enlarge: false}
          - encode: {format: jpeg, quality: 90}
          - balance: {method: repeat-factor, threshold: 0.01, max-repeat: 4}
          - deduplicate
          - split: {parts: {train: 0.8, val: 0.2}, group-by: "field:video", by: stratified}
          - shard: {size: 64MB, write-repeats: true}
        """

    @Test func everyEntryIsPutIntoForce() throws {
        let file = try PipelineFile(text: Self.everything, path: "stages.yaml")
        var options = ConversionOptions(input: "x.json", images: ".", output: "out")
        options.seed = 4
        try file.configure(&options)
        #expect(options.dropPolicy == .skip && options.exifPolicy == .apply && options.decodesImages)
        #expect(options.ringRule == .evenOdd && options.shardBytes == 64_000_000 && options.writesRepeats)
        let split = try #require(options.split)
        #expect(split.parts.map(\.name) == ["train", "val"] && split.group == .field("video") && split.seed == 4)
        #expect(split.method == .stratified)
        #expect(
            options.chain.stages.map(\.name) == [
                "filter", "quality", "deduplicate", "categories", "tile", "resize", "encode", "balance", "deduplicate",
            ])
        #expect(options.chain.stages.allSatisfy { !$0.summary.isEmpty })
    }

    /// The text that a manifest's command holds makes the same chain again.
    @Test func chainsReadBackFromTheirText() throws {
        let file = try PipelineFile(text: Self.everything, path: nil)
        let text = StageDescription.text(of: file.stages)
        #expect(!text.contains("\n"))
        let again = try PipelineFile(text)
        #expect(again.stages.map(\.name) == file.stages.map(\.name))
        #expect(again.stages.map(\.settings) == file.stages.map(\.settings))
        #expect(StageDescription.text(of: again.stages) == text)
    }

    static let mistakes: [(text: String, line: Int?, word: String)] = [
        ("", nil, "empty"), ("stages", 1, "must be a list"), ("stage: []", 1, "Did you mean 'stages'?"),
        ("stages: 3", 1, "must be a list"), ("{}", nil, "no list"),
        ("stages:\n  - filtre: {}", 2, "Did you mean 'filter'?"),
        ("stages:\n  - filter: {}\n  - filter:\n      min-aria: 3", 4, "Did you mean 'min-area'?"),
        ("- filter: {min-area: big}", 1, "must be a number from 0"), ("- filter: [a]", 1, "must be a mapping"),
        ("- filter: {crowd: kept}", 1, "Did you mean 'keep'?"), ("- {filter: {}, tile: {}}", 1, "`name: settings`"),
        ("- 3: {}\n- x", 1, "no stage \"3\""), ("- tile: {}", 1, "set size"),
        ("- tile: {size: 64, halo: 64}", 1, "leaves nothing"),
        ("- filter: {where: \"aera > 1\"}", 1, "Did you mean 'area'?"), ("- split: {}", 1, "parts is not set"),
        ("- split: {parts: {a: x}}", 1, "must be a number"), ("- split: {parts: {a: 0.5}}", nil, "add up to"),
        ("- split: {parts: {a: 1}, group-by: colour}", 1, "group-by must be"),
        ("- shard: {size: big}", 1, "number of bytes"),
        ("- shard\n- shard", 2, "stands twice"), ("- encode: {quality: 0}", 1, "whole number from 1 to 100"),
        ("- filter: &a {min-area: 1}\n- *a", nil, "must be a mapping"),
        ("- filter: {min-area: 1, min-area: 2}", nil, "duplicated"),
        ("- [filter]", 1, "`name: settings`"), ("- filter: {min-area: \"", nil, "not valid YAML"),
        ("- resize: {longest-side: 1.5}", 1, "whole number"), ("- quality: {min-iou: 0.5}", 1, "against is not set"),
        ("- quality: {against: a, min-iou: 2}", 1, "from 0 to 1"),
        ("- tile: {size: 64}\n- quality: {against: x}", nil, "before tile"),
    ]

    @Test(arguments: mistakes.indices)
    func mistakesAreNamed(index: Int) {
        let (text, line, word) = Self.mistakes[index]
        let error = #expect(throws: PipelineError.self) {
            let file = try PipelineFile(text: text, path: "s.yaml")
            var options = ConversionOptions(input: "x.json", images: ".", output: "out")
            try file.configure(&options)
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains(word) == true, "\(error?.description ?? "")")
        if let line { #expect(error?.location?.line == line, "\(error?.description ?? "")") }
    }

    /// Whatever a file holds, there is a chain or an error.
    @Test func mutatedFilesNeverCrash() {
        let bytes = Array(Self.everything.utf8)
        var random = CounterRandom(seed: 8, purpose: RandomPurpose("stage files"))
        for _ in 0..<1500 {
            var changed = bytes
            for _ in 0...random.index(below: 6) {
                let place = random.index(below: changed.count)
                switch random.index(below: 3) {
                case 0: changed.remove(at: place)
                case 1: changed.insert(UInt8(random.index(below: 128)), at: place)
                default: changed[place] = Array("{}[]:-&*!|>'\"#,\n 0a".utf8)[random.index(below: 19)]
                }
            }
            var options = ConversionOptions(input: "x.json", images: ".", output: "out")
            try? PipelineFile(text: String(decoding: changed, as: UTF8.self), path: nil).configure(&options)
        }
    }

    @Test func filesOfAnyKindAreErrors() throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write([0xFF, 0xFE, 0x00], to: directory.file("bytes"))
        #expect(throws: PipelineError.self) { try PipelineFile(path: directory.file("bytes")) }
        try AtomicFileWriter.write(String(repeating: "a", count: 2 << 20), to: directory.file("long"))
        #expect(throws: PipelineError.self) { try PipelineFile(path: directory.file("long")) }
        #expect(throws: FileError.self) { try PipelineFile("gone.yaml") }
        #expect(throws: PipelineError.self) {
            try PipelineFile(
                text: "- filter: " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200), path: nil)
        }
    }

    @Test func schemaAcceptsWhatIsRead() throws {
        let check = try JSONSchemaCheck("pipeline")
        let file = try PipelineFile(text: Self.everything, path: nil)
        let stages = try JSONDocument.parse(StageDescription.text(of: file.stages))
        #expect(check.violations(of: stages).isEmpty)
        #expect(check.violations(of: try JSONDocument.parse("{\"stages\": \(stages.text())}")).isEmpty)
        for wrong in [
            "{\"stages\": [{\"filter\": {\"min-aria\": 1}}]}", "{\"steps\": []}", "[\"filtre\"]", "[{\"tile\": 3}]",
        ] {
            #expect(!check.violations(of: try JSONDocument.parse(wrong)).isEmpty, "\(wrong)")
        }
    }
}
