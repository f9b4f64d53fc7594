import Annotations
import Foundation
import JSONText
import Masks
import Runtime

/// Masks of COCO: polygons to runs, and runs to pixels; both byte for byte as pycocotools does them.
struct MaskCodecCase: BenchCase {
    static let group = "masks"
    static let all = [MaskCodecCase(title: "polygon-to-rle"), MaskCodecCase(title: "rle-decode")]

    let title: String

    private static let images = 1000

    var detail: String {
        title == "polygon-to-rle"
            ? "7270 objects of 31 corners in images of 640 x 480, from COCO annotations to runs"
            : "7270 masks of 640 x 480, from runs to bytes, one after the other"
    }
    var peers: [Peer] { [.hotcoco, .ultrafast, .pycocotools] }
    var peerRequest: JSONValue { .request(title).with("path", .string(path)) }
    /// Kept between runs of the bench, for us and the peers.
    private var path: String { PeerEnvironment.home + "/masks.json" }

    private struct Polygons: COCOVisitor {
        var all: [[[Double]]] = []

        mutating func visit(_ annotation: COCOAnnotation) {
            if case .polygons(let rings) = annotation.segmentation { all.append(rings) }
        }
        mutating func report(_ finding: Finding, dropped: COCOSection?) {}
    }

    func prepare() throws -> () throws -> Void {
        if !FileSystem.exists(path) {
            try FileSystem.createDirectory(PeerEnvironment.home)
            try SyntheticLabels(images: Self.images, objectsPerImage: 7.27, width: 640, height: 480, corners: 31)
                .write(to: path)
        }
        var polygons = Polygons()
        try COCOReader.scan(path: path, &polygons)
        let all = polygons.all
        guard all.count == 7270 else { throw BenchError(.answer, "\(all.count) polygons were read") }
        if title == "polygon-to-rle" {
            return {
                let areas = try Workers.map(all.count, grain: 64) {
                    try RLE(height: 480, width: 640, polygons: all[$0]).area
                }
                guard areas.reduce(0, +) > 0 else { throw BenchError(.answer, "no pixel is set") }
            }
        }
        let masks = try all.map { try RLE(height: 480, width: 640, polygons: $0) }
        return {
            Workers.forEachChunk(of: masks.count, grain: 64) { items, _ in
                // One mask's pixels at a time, in memory of their own, as the peers' calls give them.
                for item in items {
                    let bytes = masks[item].columnMajorBytes()
                    precondition(bytes.count == 640 * 480)
                }
            }
        }
    }
}
