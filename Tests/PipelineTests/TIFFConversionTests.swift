import Foundation
import Images
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// TIFF files as images of a conversion.
@Suite struct TIFFConversionTests {
    /// The fixture's labels and three TIFFs of 17 x 23 pixels, or as they are turned.
    private static func dataset(turned: Bool = false) throws -> SmallDataset {
        var data = try SmallDataset()
        for (index, name) in ["rgb-big-u16-60013", "turned-u16-60013", "palette-u8-5", "cmyk-u8-251"].enumerated() {
            try data.write(FileSystem.read(Repository.fixture("Images/tiff/\(name).tif")), as: "\(name).tif")
            let isTurned = turned && name.hasPrefix("turned")
            try data.add(
                "{\"id\": \(50 + index), \"file_name\": \"\(name).tif\", \"width\": \(isTurned ? 23 : 17), \"height\": \(isTurned ? 17 : 23)}",
                to: "images")
        }
        return data
    }

    @Test func shardsHoldPNG() throws {
        let data = try Self.dataset()
        let (summary, samples) = try data.convert()
        #expect(samples.map(\.imageID).suffix(3) == ["50", "51", "52"])
        for sample in samples.suffix(3) {
            #expect(sample.format == "png" && sample.exifOrientation == 1)
            let original = try FileSystem.read(data.images + "/" + sample.fileName)
            #expect(try ImageCodec.decodeRGB(sample.encoded) == ImageCodec.decodeRGB(original))
        }
        #expect(try ImageCodec.probe(samples[3].encoded).bitDepth == 16)
        #expect(
            summary.counts.map { "\($0.rule) \($0.count)" }.sorted() == [
                "image.exif 1", "image.tiff 3", "image.undecodable 1",
            ])
        #expect(summary.counts.first { $0.rule == "image.tiff" }?.ids == ["50", "51", "52"])
    }

    /// PNG has no word for an orientation, so that pixels are turned where labels are on the turned image.
    @Test func orientationIsApplied() throws {
        let data = try Self.dataset(turned: true)
        let (_, samples) = try data.convert { $0.exifPolicy = .apply }
        let sample = try #require(samples.first { $0.imageID == "51" })
        #expect(sample.width == 23 && sample.height == 17 && sample.exifOrientation == 1)
        let original = try FileSystem.read(data.images + "/turned-u16-60013.tif")
        #expect(try ImageCodec.decodeRGB(sample.encoded) == ImageCodec.decodeRGB(original, applyOrientation: true))
    }

    /// Stages write 8 bits, and say so of images that had 16.
    @Test func changedPixelsOf16BitsAreSaid() throws {
        let data = try Self.dataset()
        var options = try data.options()
        try PipelineFile(text: "- resize: {longest-side: 12}", path: nil).configure(&options)
        let summary = try COCOConversion(options).run()
        let count = try #require(summary.counts.first { $0.rule == "image.depth" })
        #expect(count.count == 2 && count.ids == ["50", "51"] && !count.isDrop)
        let set = try ShardSet(path: data.output)
        for index in 0..<set.count {
            #expect(try ImageCodec.probe(set.sample(at: index).encoded).bitDepth == 8)
        }
    }
}
