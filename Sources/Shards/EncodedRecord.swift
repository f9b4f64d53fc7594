/// A sample as the bytes of its record, framing included, with what the manifest says of it.
///
/// Made on any thread; ``ShardWriter`` only copies it out.
package struct EncodedRecord: Sendable {
    /// The record, framing and checksums included.
    package let frame: [UInt8]
    /// The record's line in the manifest.
    package var entry: ShardManifest.Record

    package init(_ sample: ShardSample) {
        frame = sample.example().framed()
        var counts: [Int64: Int] = [:]
        for object in sample.objects { counts[object.categoryID, default: 0] += 1 }
        entry = ShardManifest.Record(imageID: sample.imageID, objects: counts)
    }
}
