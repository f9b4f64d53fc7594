import Annotations
import Images
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ResizeStageTests {
    static let sizes: [(settings: String, width: Int, height: Int)] = [
        ("longest-side: 20", 20, 15), ("longest-side: 80", 80, 60), ("shortest-side: 15", 20, 15),
        ("width: 7, height: 50", 7, 50), ("longest-side: 80, enlarge: false", 40, 30), ("longest-side: 33", 33, 25),
        ("width: 40, height: 30", 40, 30), ("longest-side: 1", 1, 1),
    ]

    @Test(arguments: sizes.indices)
    func sizesAreThoseWanted(index: Int) throws {
        let (settings, width, height) = Self.sizes[index]
        let sample = try StageFixture.sample([.init(rows: 2..<12, columns: 4..<24)])
        let (scaled, _) = try StageFixture.run(StageFixture.stage("{resize: {\(settings)}}"), [sample])
        #expect(scaled[0].width == width && scaled[0].height == height)
        let image = try ImageCodec.decodeRGB(scaled[0].finished().encoded)
        #expect(image == (try sample.image().resized(width: width, height: height)))
        #expect(scaled[0].hasNewPixels == ((width, height) != (40, 30)))
        for object in scaled[0].objects {
            #expect(object.mask == sample.objects[0].mask.resized(height: height, width: width))
            #expect(object.annotation.bbox == object.mask.boundingBox)
        }
    }

    @Test func whatVanishesIsListed() throws {
        let sample = try StageFixture.sample([
            .init(rows: 2..<3, columns: 4..<5), .init(rows: 2..<20, columns: 4..<24),
            .init(rows: 4..<8, columns: 8..<16, hasMask: false),
        ])
        let (scaled, ledger) = try StageFixture.run(ResizeStage(.longestSide(4)), [sample])
        #expect(StageFixture.ids(scaled.first) == ["2", "3"])
        #expect(ledger.counts.map(\.rule) == [ResizeStage.vanishedRule] && ledger.counts[0].ids == ["1"])
        let box = try #require(scaled[0].objects[1].annotation.bbox)
        #expect(abs(box.x - 0.8) < 1e-12 && abs(box.y - 0.4) < 1e-12 && abs(box.width - 0.8) < 1e-12)
    }

    @Test(arguments: [
        "{resize: {}}", "{resize: {longest-side: 5, width: 3}}", "{resize: {width: 3}}", "{resize: {longest-side: 0}}",
    ])
    func settingsThatCannotBe(text: String) {
        #expect(throws: PipelineError.self) { try StageFixture.stage(text) }
    }

    /// JPEG stays JPEG unless another format is asked for; names follow.
    @Test func changedPixelsAreEncodedAsAsked() throws {
        let picture = StageFixture.picture(width: 40, height: 30)
        let encoded = try ImageCodec.encodeJPEG(picture)
        let image = COCOImage(id: 1, fileName: "x/photo.JPG", width: 40, height: 30)
        let sample = StagedSample(
            LabelledImage(image: image, encoded: encoded, objects: []), sourceIndex: 0,
            header: try ImageCodec.probe(encoded))
        let expected = try sample.image().resized(width: 20, height: 15)
        for (settings, format, name, bytes) in [
            ("same", ImageFormat.jpeg, "x/photo.JPG", try ImageCodec.encodeJPEG(expected, quality: 95)),
            ("jpeg, quality: 50", .jpeg, "x/photo.JPG", try ImageCodec.encodeJPEG(expected, quality: 50)),
            ("png", .png, "x/photo.png", try ImageCodec.encodePNG(expected)),
        ] {
            let (encoded, _) = try StageFixture.run(StageFixture.stage("{encode: {format: \(settings)}}"), [sample])
            let (scaled, _) = try StageFixture.run(ResizeStage(.longestSide(20)), encoded)
            let written = try scaled[0].finished()
            #expect(written.encoded == bytes && written.image.fileName == name)
            #expect(written.encoded.withUnsafeBytes { ImageFormat(signatureOf: $0) } == format)
            // What no stage has changed keeps its bytes.
            #expect(try encoded[0].finished().encoded == sample.labelled.encoded)
        }
    }
}
