import Annotations
import Foundation
import JSONText
import Runtime

/// One pass over a COCO file of the size of train2017's: every image, annotation and category read and checked, every
/// number of every polygon. Peers hold the file in memory at the end, as their users have it.
struct ParseCase: BenchCase {
    static let group = "parse"
    static let all = [ParseCase(title: "train2017-shaped")]

    let title: String

    var detail: String { "118287 images, 860001 objects in a COCO file of about 557 MB, in the page cache" }
    var peers: [Peer] { [.hotcoco, .pycocotools] }
    var peerRequest: JSONValue { .request("parse").with("path", .string(path)) }
    /// Kept between runs of the bench, for us and the peers.
    private var path: String { PeerEnvironment.home + "/parse-\(title).json" }

    private struct Counter: COCOVisitor {
        var images = 0
        var annotations = CornerCount()

        mutating func visit(_ image: COCOImage) { images += 1 }
        mutating func visit(_ annotation: COCOAnnotation) { annotations.visit(annotation) }
        mutating func report(_ finding: Finding, dropped: COCOSection?) {}

        func emptyPart() -> CornerCount? { CornerCount() }
        mutating func take(_ part: CornerCount, linesBefore: Int) {
            annotations.objects += part.objects
            annotations.corners += part.corners
        }
    }

    private struct CornerCount: COCOAnnotationPart {
        var objects = 0
        var corners = 0

        mutating func visit(_ annotation: COCOAnnotation) {
            objects += 1
            if case .polygons(let rings) = annotation.segmentation { corners += rings.reduce(0) { $0 + $1.count } }
        }
    }

    func prepare() throws -> () throws -> Void {
        let path = path
        if !FileSystem.exists(path) {
            try FileSystem.createDirectory(PeerEnvironment.home)
            try SyntheticLabels(
                images: 118_287, objectsPerImage: 860_001 / 118_287.0, width: 640, height: 480, corners: 31
            ).write(to: path)
        }
        return {
            var counter = Counter()
            try COCOReader.scan(path: path, &counter)
            guard counter.images == 118_287, counter.annotations.objects == 860_001, counter.annotations.corners > 0
            else {
                throw BenchError(
                    .answer, "\(counter.images) images and \(counter.annotations.objects) objects were read")
            }
        }
    }
}
