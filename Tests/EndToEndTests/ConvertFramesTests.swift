import Foundation
import Images
import JSONText
import Masks
import Runtime
import Shards
import TestSupport
import Testing

/// EXIF orientations on the command line: labels come out in the frame that readers of the target expect.
@Suite struct ConvertFramesTests {
    /// One JPEG of 80 x 60 stored pixels, whose labels say [0, 0, 30, 20] of them.
    private static func dataset(orientation: Int) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        let jpeg = try ImageCodec.encodeJPEG(RGBImage(height: 60, width: 80, filling: RGBColour(9, 90, 9)))
        try AtomicFileWriter.write(
            TurnedJPEG.bytes(jpeg, orientation: orientation), to: directory.file("images/o.jpg"))
        try AtomicFileWriter.write(
            "{\"images\": [{\"id\": 1, \"file_name\": \"o.jpg\", \"width\": 80, \"height\": 60}], \"categories\": [{\"id\": 1, \"name\": \"red\"}], \"annotations\": [{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"segmentation\": [[0,0,30,0,30,20,0,20]], \"bbox\": [0,0,30,20], \"area\": 600, \"iscrowd\": 0}]}",
            to: directory.file("labels.json"))
        return directory
    }

    /// The box in the upright image, and its size, by orientation.
    static let upright: [(orientation: Int, box: [Double], width: Int)] = [
        (1, [0, 0, 30, 20], 80), (3, [50, 40, 30, 20], 80), (6, [40, 0, 20, 30], 60), (8, [0, 50, 20, 30], 60),
    ]

    @Test(arguments: upright.indices)
    func uprightFormatsGetUprightLabels(index: Int) throws {
        let (orientation, box, width) = Self.upright[index]
        for target in ["labelme", "label-studio"] {
            let data = try Self.dataset(orientation: orientation)
            let there = try BuiltBinary.run(
                ["convert", "coco", "labels.json", "--images", "images", "--to", target, "-o", "there", "--json"],
                in: data.path)
            #expect(there.status == 0, "\(there.stderr)")
            #expect(there.stdout.contains("image.exif-turned") == (orientation != 1))
            let read = try BuiltBinary.run(["convert", target, "there", "-o", "shards"], in: data.path)
            #expect(read.status == 0, "\(read.stderr)")
            let set = try ShardSet(path: data.file("shards"))
            let sample = try set.sample(at: 0)
            #expect(sample.width == width && sample.exifOrientation == orientation)
            let found = try #require(sample.objects.first?.mask.boundingBox)
            #expect([found.x, found.y, found.width, found.height] == box, "\(target)")
            // And back: the same command that the record states gives the same again.
            for (name, more) in [("stored", []), ("upright", ["--exif", "apply"])] as [(String, [String])] {
                let back = try BuiltBinary.run(
                    ["convert", target, "there", "--to", "coco", "-o", name] + more, in: data.path)
                #expect(back.status == 0, "\(back.stderr)")
                let labels = try JSONDocument.read(path: data.file(name + "/annotations.json"))
                let bbox = labels["annotations"]?.array?.first?["bbox"]?.array?.compactMap(\.double)
                // Readers that were promised turned pixels get labels for them.
                #expect(bbox == (name == "stored" ? [0, 0, 30, 20] : box), "\(target) \(name)")
                #expect(labels["images"]?.array?.first?["width"]?.int == (name == "stored" ? 80 : width))
            }
        }
    }
}
