import Foundation
import Masks
import Runtime
import Shards

/// Samples that tests write into shards.
enum SampleShapes {
    /// A sample with `objects` random rectangles and `bytes` random bytes for an image, the same for the same `index`.
    static func sample(_ index: Int, objects: Int = 3, bytes: Int = 300) throws -> ShardSample {
        var random = CounterRandom(seed: 11, sample: UInt64(index), purpose: RandomPurpose("shard test"))
        let width = 20 + random.index(below: 40)
        let height = 20 + random.index(below: 40)
        let list = try (0..<objects).map { object in
            let x = random.index(below: width - 4)
            let y = random.index(below: height - 4)
            let w = 1 + random.index(below: width - x - 1)
            let h = 1 + random.index(below: height - y - 1)
            let box = Box(x: Double(x), y: Double(y), width: Double(w), height: Double(h))
            let ring = [x, y, x + w, y, x + w, y + h, x, y + h].map(Double.init)
            return ShardObject(
                annotationID: "\(index)\(object)", categoryID: Int64(object % 2 == 0 ? 7 : -3),
                categoryName: object % 2 == 0 ? "cell" : "Zelle µ", isCrowd: object == 2, area: Double(w * h), box: box,
                mask: try RLE(height: height, width: width, polygons: [ring]))
        }
        let image = (0..<bytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return ShardSample(
            imageID: "\(index)", fileName: "folder/image \(index).png", format: "png", width: width, height: height,
            exifOrientation: 1 + index % 8, encoded: image, objects: list)
    }

    static func samples(_ count: Int) throws -> [ShardSample] {
        try (0..<count).map { try sample($0, objects: $0 % 4, bytes: 50 + 37 * ($0 % 9)) }
    }

    static let manifest = ShardManifest(
        name: "cells", exifPolicy: .apply,
        classes: [
            ShardClass(categoryID: 7, name: "cell", supercategory: "life"),
            ShardClass(categoryID: -3, name: "Zelle µ", sourceID: "z-3"),
        ],
        findings: [
            FindingCount(
                rule: "image.missing", severity: .error, subject: .image, count: 2, ids: ["8", "9"], isDrop: true)
        ],
        source: ShardManifest.Source(path: "labels.json", bytes: 12, sha256: String(repeating: "a", count: 64)),
        command: "samdata convert coco \"labels.json\"", seed: .max)

    /// Every file of a directory by name.
    static func files(in directory: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileSystem.list(directory) { files[name] = try FileSystem.read(directory + "/" + name) }
        return files
    }

    /// Writes a file without the syncing that makes many small writes slow; a new file each time, because ext4 also
    /// syncs one that is truncated and written again.
    static func write(_ bytes: [UInt8], to path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
