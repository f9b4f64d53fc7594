import Annotations
import Foundation
import Masks
import Runtime
import TestSupport
import Testing

/// What we write is read by the tools of others (Tests/Fixtures/Annotations/peers/read.py), with the same masks, classes and
/// crowd flags.
@Suite(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON"), .serialized)
struct PeerReadTests {
    static let formats = LabelFormat.allCases.filter { ![.yoloBoxes, .tensorFlow, .shards].contains($0) }

    /// A line of the script for each object, sorted.
    static func lines(
        _ images: [LabelledImage], format: LabelFormat, categories: [COCOCategory]
    ) -> [String] {
        let keepsCrowds: Set<LabelFormat> = [
            .coco, .panoptic, .segmentAnything, .datumaro, .cvat, .labelme, .via, .tensorFlow,
        ]
        return images.flatMap { image in
            image.objects.map { object in
                let name =
                    format == .segmentAnything
                    ? "sa_\(image.image.id)" : FolderWalk.stem(FileSystem.lastComponent(image.image.fileName))
                let label = categories.first { $0.id == object.annotation.categoryID }?.name ?? ""
                let crowd = keepsCrowds.contains(format) && object.annotation.isCrowd ? 1 : 0
                let bits = object.mask.bitmap().pixels.map { $0 == 0 ? "0" : "1" }.joined()
                return
                    "\(name)\t\(format == .masks ? "?" : label)\t\(crowd)\t\(object.mask.height)\t\(object.mask.width)\t\(bits)"
            }
        }.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    @Test(arguments: formats)
    func othersReadTheSame(format: LabelFormat) throws {
        let directory = try TemporaryDirectory()
        // Maps cannot overlap, and their images are in one folder.
        let isMap = [LabelFormat.panoptic, .voc, .masks].contains(format)
        var images = try SetSamples.images(overlap: !isMap)
        images[2].image.fileName = "b c.png"
        let categories = [
            COCOCategory(id: 1, name: "cell"), COCOCategory(id: 2, name: "red \"light\" & <x>"),
            COCOCategory(id: 3, name: "Zelle ä"),
        ]
        var options = LabelWriteOptions()
        options.masks.kind = .idMap
        let writer = try #require(try format.labelWriter(to: directory.path, categories: categories, options: options))
        _ = try SetSamples.write(images, with: writer)
        let script = Repository.fixture("Annotations/peers/read.py")
        let result = try PeerPython.run([script, format.rawValue, directory.path])
        if result.status == 77 {
            print("skipped: the Python of SAMDATA_PEER_PYTHON has no reader of \(format.rawValue)")
            return
        }
        #expect(result.status == 0, "\(format)")
        let read = result.output.split(separator: "\n").map(String.init)
        #expect(read == Self.lines(images, format: format, categories: categories), "\(format)")
    }
}
