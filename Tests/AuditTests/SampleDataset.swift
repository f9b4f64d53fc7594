import Foundation
import Images
import TestSupport

/// A small clean data set with its image files, into which tests plant defects.
struct SampleDataset {
    var images: [[String: Any]] = []
    var annotations: [[String: Any]] = []
    var categories: [[String: Any]] = []
    /// Changes to the text as the very last step, for defects that no JSON writer makes.
    var edits: [(String) -> String] = []
    let directory: TemporaryDirectory

    static let width = 100
    static let height = 80

    init() throws {
        directory = try TemporaryDirectory()
        for id in 1...2 { try addImage(id: id) }
        categories = [["id": 1, "name": "cell", "supercategory": "object"], ["id": 2, "name": "cluster"]]
        add(id: 1, ring: [10, 10, 40, 12.5, 38, 40, 12, 36])
        add(id: 2, ring: [50, 20, 70, 20, 70, 60, 50, 60])
        let counts = [8 * 80 + 4, 30, 50, 30, 80 * 100 - 754]
        add(
            id: 3, image: 2,
            [
                "segmentation": ["size": [80, 100], "counts": counts] as [String: Any], "area": 60,
                "bbox": [8, 4, 2, 30],
            ])
    }

    var folder: String { directory.file("images") }

    /// Adds an image with a file of its own.
    mutating func addImage(id: Int, name: String? = nil, file: [UInt8]? = nil) throws {
        let name = name ?? "image\(id).png"
        images.append(["id": id, "file_name": name, "width": Self.width, "height": Self.height])
        try write(file ?? Self.png(width: Self.width, height: Self.height, seed: id), to: name)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    static func png(width: Int, height: Int, seed: Int = 0) throws -> [UInt8] {
        let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + seed) }
        return try ImageCodec.encodePNG(RGBImage(height: height, width: width, pixels: pixels))
    }

    /// Adds an object with a polygon, its area and box computed.
    mutating func add(id: Int, image: Int = 1, category: Int = 1, ring: [Double], _ changes: [String: Any] = [:]) {
        let xs = stride(from: 0, to: ring.count - 1, by: 2).map { ring[$0] }
        let ys = stride(from: 1, to: ring.count, by: 2).map { ring[$0] }
        var area = 0.0
        for index in xs.indices {
            let next = (index + 1) % xs.count
            area += (xs[index] * ys[next] - xs[next] * ys[index]) / 2
        }
        let (left, top) = (xs.min() ?? 0, ys.min() ?? 0)
        let box = [left, top, (xs.max() ?? 0) - left, (ys.max() ?? 0) - top]
        add(
            id: id, image: image, category: category,
            ["segmentation": [ring], "area": abs(area), "bbox": box].merging(changes) { $1 })
    }

    mutating func add(id: Int, image: Int = 1, category: Int = 1, _ values: [String: Any]) {
        annotations.append(
            ["id": id, "image_id": image, "category_id": category, "iscrowd": 0].merging(values) { $1 })
    }

    /// The COCO file's text, with the lists in this order.
    func text(order: [String] = ["images", "annotations", "categories"]) throws -> String {
        let lists = ["images": images, "annotations": annotations, "categories": categories]
        let members = try order.map { name in
            let data = try JSONSerialization.data(
                withJSONObject: lists[name] ?? [], options: [.sortedKeys, .withoutEscapingSlashes])
            return "\"\(name)\":" + String(decoding: data, as: UTF8.self)
        }
        return edits.reduce("{" + members.joined(separator: ",") + "}") { $1($0) }
    }

    /// Writes the COCO file and returns its path.
    func write(order: [String] = ["images", "annotations", "categories"]) throws -> String {
        let path = directory.file("labels.json")
        try Data(text(order: order).utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
