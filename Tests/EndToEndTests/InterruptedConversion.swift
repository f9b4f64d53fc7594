import Foundation
import Images
import JSONText
import Runtime
import TestSupport

/// A set of labels that takes a while to convert, for tests that interrupt it.
enum InterruptedConversion {
    static func dataset(images: Int = 60) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        var entries: [JSONValue] = []
        var annotations: [JSONValue] = []
        for index in 0..<images {
            let (width, height) = (96 + index % 5, 80)
            let pixels = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: ($0 &* (7 + index)) / 5) }
            try AtomicFileWriter.write(
                ImageCodec.encodePNG(RGBImage(height: height, width: width, pixels: pixels)),
                to: directory.file("images/\(index).png"))
            entries.append([
                "id": .integer(Int64(index + 1)), "file_name": .string("\(index).png"), "width": .integer(Int64(width)),
                "height": .integer(Int64(height)),
            ])
            for object in 0..<3 {
                let (x, y) = (Double(5 + 20 * object + index % 7), Double(4 + index % 30))
                annotations.append([
                    "id": .integer(Int64(3 * index + object + 1)), "image_id": .integer(Int64(index + 1)),
                    "category_id": 1,
                    "iscrowd": 0, "area": 240, "bbox": [.number(x), .number(y), 15, 16],
                    "segmentation": [
                        [
                            .number(x), .number(y), .number(x + 15), .number(y), .number(x + 15), .number(y + 16),
                            .number(x), .number(y + 16),
                        ]
                    ],
                ])
            }
        }
        let labels: JSONValue = [
            "images": .array(entries), "annotations": .array(annotations), "categories": [["id": 1, "name": "box"]],
        ]
        try AtomicFileWriter.write(labels.text(), to: directory.file("labels.json"))
        return directory
    }

    /// Every file below a directory by its path in it.
    static func files(in directory: String, below: String = "") throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileSystem.list(directory) {
            let path = directory + "/" + name
            if FileSystem.isDirectory(path) {
                files.merge(try Self.files(in: path, below: below + name + "/")) { $1 }
            } else {
                files[below + name] = try FileSystem.read(path)
            }
        }
        return files
    }
}
