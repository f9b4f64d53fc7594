import Foundation
import Images
import JSONText
import Pipeline
import Runtime

/// `convert coco` end to end: a COCO file and its images to TFRecord files with masks. The peer is the way of Python's
/// users: datumaro's import and its export for the TensorFlow Object Detection API. Objects are few, as datumaro takes some
/// ten milliseconds for the mask of each, and a bench has to come to its end.
///
/// The second size is ten times the first, so that its peak of memory shows what grows with the set.
struct ConvertCase: BenchCase {
    static let group = "convert"
    static let all = [
        ConvertCase(title: "coco-5k", images: 5000, peers: [.datumaro]),
        ConvertCase(title: "coco-50k", images: 50_000, peers: []),
    ]

    let title: String
    let images: Int
    let peers: [Peer]

    var detail: String { "\(images) images of 320 x 240 with 2 objects each to shards, files in the page cache" }
    var peerRequest: JSONValue { .request("convert").with("path", .string(folder)) }
    /// Kept between runs of the bench, for us and the peer.
    private var folder: String { PeerEnvironment.home + "/convert-\(title)" }

    func prepare() throws -> () throws -> Void {
        try makeInput()
        let folder = folder
        return {
            var options = ConversionOptions(
                input: folder + "/annotations/instances_train.json", images: folder + "/images/train",
                output: folder + "/shards")
            options.existingOutput = .replace
            let summary = try COCOConversion(options).run()
            guard summary.images > 0, !summary.hasDrops else { throw BenchError(.answer, "images were dropped") }
        }
    }

    /// Makes the folder as datumaro wants it: `annotations/instances_train.json` and `images/train`.
    private func makeInput() throws {
        let labels = folder + "/annotations/instances_train.json"
        if FileSystem.exists(labels) { return }
        try FileSystem.createDirectory(folder + "/annotations")
        try FileSystem.createDirectory(folder + "/images/train")
        // A few pictures in many files: what is in them makes no difference, that they are read does.
        let pictures = try (0..<16).map { try ImageCodec.encodeJPEG(Self.picture($0), quality: 85) }
        for index in 0..<images {
            // No fsync for each of them: they are made again if the machine goes down.
            try Data(pictures[index % pictures.count]).write(
                to: URL(fileURLWithPath: "\(folder)/images/train/\(index).jpg"))
        }
        try SyntheticLabels(images: images, objectsPerImage: 2, width: 320, height: 240, corners: 16).write(to: labels)
    }

    private static func picture(_ seed: Int) -> RGBImage {
        RGBImage(
            height: 240, width: 320,
            pixels: (0..<320 * 240 * 3).map { offset in
                let (x, y) = (Double(offset / 3 % 320), Double(offset / 960))
                let wave = sin(x * 0.05 * Double(seed + 1)) + cos(y * 0.08) * sin(x * y * 0.0005)
                return UInt8(127 + 50 * wave + Double(offset &* 2_654_435_761 >> 7 & 15))
            })
    }
}
