internal import Runtime

/// A sample as the bytes of its record, framing included, with what the manifest says of it.
///
/// Made on any thread; ``ShardWriter`` only hands the bytes on. Its image is the sample's own: it is read twice, for the
/// checksum and for the file, and never copied.
package struct EncodedRecord: Sendable {
    /// The record's bytes, framing and checksums included, cut before and behind large values.
    package let parts: [[UInt8]]
    /// Bytes of all parts.
    package let count: Int
    /// The record's line in the manifest.
    package var entry: ShardManifest.Record

    package init(_ sample: ShardSample) {
        parts = sample.example().framed()
        count = parts.reduce(0) { $0 + $1.count }
        var (counts, crowds): ([Int64: Int], [Int64: Int]) = ([:], [:])
        for object in sample.objects {
            counts[object.categoryID, default: 0] += 1
            if object.isCrowd { crowds[object.categoryID, default: 0] += 1 }
        }
        entry = ShardManifest.Record(imageID: sample.imageID, objects: counts, crowds: crowds)
    }

    /// The bytes in one piece.
    package var frame: [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(count)
        for part in parts { frame += part }
        return frame
    }
}
