import Masks
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct EncodedRecordTests {
    /// Whatever is a part of its own, the bytes are those of the example in its frame.
    @Test(arguments: [0, 1, 300, 16_383, 16_384, 135_000])
    func partsAreTheFrame(imageBytes: Int) throws {
        let sample = try SampleShapes.sample(3, objects: 4, bytes: imageBytes)
        let record = EncodedRecord(sample)
        let frame = RecordFraming.frame(sample.example().encoded())
        #expect(record.frame == frame && record.count == frame.count)
        #expect(record.parts.count == (imageBytes < 16_384 ? 1 : 3))
        #expect(record.entry == ShardManifest.Record(imageID: "3", objects: [7: 2, -3: 2], crowds: [7: 1]))
        #expect(record.entry.instances == [7: 1, -3: 2] && record.entry.instanceCount == 3)
    }

    /// Masks can be large as well, and one such value may follow another.
    @Test func severalLargeValues() throws {
        var sample = try SampleShapes.sample(1, objects: 1, bytes: 20_000)
        let (height, width) = (300, 400)
        let checks = [UInt8]((0..<height * width).map { UInt8($0 % 2) })
        (sample.height, sample.width) = (height, width)
        sample.objects[0].mask = try RLE(height: height, width: width, columnMajor: checks)
        sample.fileName = String(repeating: "n", count: 17_000)
        let record = EncodedRecord(sample)
        #expect(record.parts.count == 7)
        #expect(record.frame == RecordFraming.frame(sample.example().encoded()))
    }

    /// The image's bytes are the sample's own, not a copy.
    @Test func imageIsNotCopied() throws {
        let sample = try SampleShapes.sample(2, bytes: 50_000)
        let record = EncodedRecord(sample)
        let place = sample.encoded.withUnsafeBytes { $0.baseAddress }
        #expect(record.parts.contains { $0.withUnsafeBytes { $0.baseAddress } == place })
    }
}
