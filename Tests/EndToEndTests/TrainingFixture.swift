import Foundation
import Images
import JSONText
import Runtime
import TestSupport

/// Shards and weights that the built binary trains with in a moment.
enum TrainingFixture {
    /// A tiny model with random weights.
    static let weights = Repository.fixture("SAM/windowed/weights.safetensors")

    /// A directory with `shards`: five images with two rectangles each, converted by the binary itself.
    static func prepared() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        var images: [String] = []
        var annotations: [String] = []
        for number in 1...5 {
            try AtomicFileWriter.write(
                try ConvertFixture.image(width: 64, height: 48), to: directory.file("\(number).png"))
            images.append(#"{"id":\#(number),"file_name":"\#(number).png","width":64,"height":48}"#)
            for (index, x) in [4 + number, 36].enumerated() {
                let (right, id) = (x + 20, number * 2 + index)
                annotations.append(
                    #"{"id":\#(id),"image_id":\#(number),"category_id":1,"iscrowd":0,"#
                        + #""segmentation":[[\#(x),10,\#(right),10,\#(right),30,\#(x),30]]}"#)
            }
        }
        try writeShards(images, annotations, in: directory)
        return directory
    }

    /// Converts labels of one class, as JSON texts, and the images beside them to `shards`.
    static func writeShards(_ images: [String], _ annotations: [String], in directory: TemporaryDirectory) throws {
        let text = """
            {"images":[\(images.joined(separator: ","))],"annotations":[\(annotations.joined(separator: ","))],
            "categories":[{"id":1,"name":"block"}]}
            """
        try AtomicFileWriter.write(text, to: directory.file("labels.json"))
        let run = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", ".", "-o", "shards"], in: directory.path)
        guard run.status == 0 else { throw FileError(.write, path: "shards", run.stderr) }
    }

    /// `samdata train` on the shards, into `run`, for two epochs unless other arguments say more.
    static func train(
        _ arguments: [String] = [], in directory: TemporaryDirectory
    ) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(
            ["train", "shards", "--weights", weights, "--epochs", "2", "-o", "run"] + arguments, in: directory.path)
    }

    /// A shard's file in `shards`.
    static func shard(in directory: TemporaryDirectory) throws -> String {
        let names = try FileSystem.list(directory.file("shards")).filter { $0.hasSuffix(".tfrecord") }
        return directory.file("shards/" + names[0])
    }
}
