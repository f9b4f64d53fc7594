import Foundation
import Images
import Masks
import Runtime
import Shards
import TestSupport

/// A small clean set of shards with one file, into which tests plant defects.
struct SampleShards {
    var samples: [ShardSample]
    /// Payloads that stand in place of a sample's own, by record.
    var payloads: [Int: [UInt8]] = [:]
    /// Changes to the manifest before it is written.
    var editManifest: (inout ShardManifest) -> Void = { _ in }
    /// Changes to the shard's bytes after the manifest was made of them.
    var editFile: (inout [UInt8]) -> Void = { _ in }
    /// Changes to the index.
    var editIndex: (inout String) -> Void = { _ in }
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        samples = try (0..<4).map { index in
            let mask = try RLE(height: 80, width: 100, polygons: [[10, 10, 40, 10, 30, 50, 10, 30]])
            let other = try RLE(height: 80, width: 100, box: Box(x: 50, y: 20, width: 20, height: 30))
            return ShardSample(
                imageID: String(index + 1), fileName: "image\(index).png", format: "png", width: 100, height: 80,
                encoded: try SampleDataset.png(width: 100, height: 80, seed: index),
                objects: [Self.object(10 * index, mask), Self.object(10 * index + 1, other, category: 2)])
        }
    }

    static func object(_ id: Int, _ mask: RLE, category: Int64 = 1) -> ShardObject {
        ShardObject(
            annotationID: String(id), categoryID: category, categoryName: "class", isCrowd: false,
            area: Double(mask.area), box: mask.boundingBox, mask: mask)
    }

    /// Writes the set and returns its directory.
    func write() throws -> String {
        let records = samples.map(EncodedRecord.init)
        var index = ""
        var bytes: [UInt8] = []
        for (number, record) in records.enumerated() {
            let frame = payloads[number].map(RecordFraming.frame) ?? record.frame
            index += "\(bytes.count) \(frame.count)\n"
            bytes += frame
        }
        let name = ShardFileName(name: "cells", index: 0, count: 1)
        var manifest = ShardManifest(
            name: "cells",
            classes: [ShardClass(categoryID: 1, name: "cell"), ShardClass(categoryID: 2, name: "cluster")],
            shards: [
                ShardManifest.Shard(
                    file: name.file, bytes: bytes.count, sha256: SHA256Digest.hex(bytes), records: records.map(\.entry))
            ])
        editManifest(&manifest)
        editFile(&bytes)
        editIndex(&index)
        try manifest.write(to: directory.path)
        try Data(bytes).write(to: URL(fileURLWithPath: directory.file(name.file)))
        try Data(index.utf8).write(to: URL(fileURLWithPath: directory.file(name.indexFile)))
        return directory.path
    }
}
