import Foundation
import JSONText
import Masks
import Runtime
import Shards

/// Shards of TFRecords with their checksums, written and read. The peer is `tfrecord`, which writes checksums and does not
/// look at them when it reads.
struct ShardCase: BenchCase {
    static let group = "shards"
    static let all = [
        ShardCase(title: "write", request: "write"), ShardCase(title: "write-digest", request: "write"),
        ShardCase(title: "read", request: "read"),
    ]

    let title: String
    /// What peers are asked for.
    let request: String

    private static let records = 3000
    private static let imageBytes = 135_000
    /// As many as `samdata convert` cuts these samples into, 256 MB each.
    private static let shards = 2

    var detail: String {
        let what =
            switch title {
            case "write": "written in \(Self.shards) shards with checksums, as the peer does in one"
            case "write-digest": "likewise, and each shard's SHA-256 for the manifest, which the peer has none of"
            default: "read in order, checksums compared"
            }
        return "\(Self.records) samples of \(Self.imageBytes / 1000) KB image and 3.7 KB masks \(what), "
            + (Self.folder.hasPrefix("/dev/shm") ? "in memory (/dev/shm)" : "in the page cache")
    }
    var peers: [Peer] { [.tfrecord] }
    var peerRequest: JSONValue {
        .request(request).with("path", .string(Self.folder)).with("records", .integer(Int64(Self.records)))
            .with("image_bytes", .integer(Int64(Self.imageBytes))).with("mask_bytes", 3700)
    }

    /// Where no disk is waited for, if there is such a place.
    private static var folder: String {
        FileSystem.isDirectory("/dev/shm") ? "/dev/shm/samdata-bench" : PeerEnvironment.home + "/shards"
    }

    func prepare() throws -> () throws -> Void {
        let samples = try Self.samples()
        let output = Self.folder + "/ours"
        func write() throws {
            try ShardSetWriter.write(
                samples, manifest: ShardManifest(name: "bench", classes: []), shards: Self.shards,
                makesDigests: title == "write-digest", to: output)
        }
        if request == "write" { return write }
        try write()
        let set = try ShardSet(path: output)
        return {
            // Every record in the set's order, checksum compared, image and masks ready for use.
            let objects = try Workers.map(set.count, grain: 16) {
                try set.sample(at: $0, access: .sequential).objects.count
            }
            guard objects.reduce(0, +) == 7 * Self.records else {
                throw BenchError(.answer, "\(objects.count) records were read")
            }
        }
    }

    /// Samples whose images are few, each used many times: what is in them makes no difference.
    private static func samples() throws -> [ShardSample] {
        var random = CounterRandom(seed: 5, purpose: RandomPurpose("bench shards"))
        let images = (0..<16).map { _ in (0..<imageBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
        let objects = try (0..<7).map { object in
            let mask = try Self.blob(&random)
            return ShardObject(
                annotationID: "\(object)", categoryID: 1, categoryName: "thing", isCrowd: false,
                area: Double(mask.area),
                box: mask.boundingBox, mask: mask)
        }
        let digests = images.map { SHA256Digest.hex($0) }
        return (0..<records).map { index in
            ShardSample(
                imageID: "\(index)", fileName: "\(index).jpg", format: "jpeg", width: 640, height: 480,
                encoded: images[index % images.count], sha256: digests[index % images.count], objects: objects)
        }
    }

    /// A star whose compressed runs take about 520 bytes.
    private static func blob(_ random: inout CounterRandom) throws -> RLE {
        var ring: [Double] = []
        for corner in 0..<60 {
            let angle = 2 * Double.pi * Double(corner) / 60
            let reach = 100 * (0.6 + 0.4 * random.uniform())
            ring += [320 + reach * cos(angle), 240 + reach * sin(angle)]
        }
        return try RLE(height: 480, width: 640, polygons: [ring])
    }
}
