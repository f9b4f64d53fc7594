import Foundation
import Images
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// The stage that README.md shows as an example of one's own.
@Suite struct OwnStageTests {
    @Test func itWorksInAChain() throws {
        let data = try SmallDataset()
        try data.write(
            ImageCodec.encodePNG(RGBImage(height: 20, width: 30, filling: RGBColour(200, 210, 220))), as: "b/empty.png")
        let file = try PipelineFile(text: "[{bright-images: {least: 180}}, {resize: {longest-side: 10}}]", path: nil)
        let catalogue = StageCatalogue(StageCatalogue.builtIn.types + [BrightImages.self])
        var options = try data.options()
        try file.configure(&options, catalogue: catalogue)
        let summary = try COCOConversion(options).run()
        let set = try ShardSet(path: data.output)
        #expect(set.count == 1)
        #expect(try set.sample(at: 0).imageID == "3" && set.sample(at: 0).width == 10)
        #expect(summary.counts.map(\.rule) == ["bright-images.mean"] && summary.counts[0].ids == ["1", "2"])
        #expect(summary.stages.map(\.imagesOut) == [1, 1] && !summary.hasDrops)
    }

    /// What the reader of README.md copies is what is tested.
    @Test func readmeShowsIt() throws {
        let readme = try String(contentsOfFile: Repository.root + "/README.md", encoding: .utf8)
        let stage = try String(
            contentsOfFile: Repository.root + "/Tests/PipelineTests/BrightImages.swift", encoding: .utf8)
        #expect(readme.contains("```swift\n" + stage + "```"))
    }
}
