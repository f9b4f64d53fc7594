import Foundation
import Runtime

/// A COCO file of polygons that is made by a seed, of any size, without standing in memory.
struct SyntheticLabels {
    let images: Int
    let objectsPerImage: Double
    let width: Int
    let height: Int
    /// Mean number of a polygon's corners.
    let corners: Int

    func write(to path: String) throws {
        let file = try AtomicFileWriter(path: path)
        try file.write("{\"info\": {\"description\": \"made by samdata-bench\"}, \"licenses\": [],\n\"images\": [\n")
        for index in 0..<images {
            try file.write(
                "\(index > 0 ? ",\n" : ""){\"license\": 3, \"file_name\": \"\(index).jpg\", \"coco_url\": \"http://images.example.org/train/\(index).jpg\", \"height\": \(height), \"width\": \(width), \"date_captured\": \"2013-11-14 17:02:52\", \"id\": \(index + 1)}"
            )
        }
        try file.write("],\n\"categories\": [\n")
        for category in 1...80 {
            try file.write(
                "\(category > 1 ? ",\n" : ""){\"supercategory\": \"thing\", \"id\": \(category), \"name\": \"class \(category)\"}"
            )
        }
        try file.write("],\n\"annotations\": [\n")
        var random = CounterRandom(seed: 7, purpose: RandomPurpose("synthetic labels"))
        var id = 0
        for image in 0..<images {
            let objects = Int(objectsPerImage * Double(image + 1)) - Int(objectsPerImage * Double(image))
            for _ in 0..<objects {
                id += 1
                try file.write((id > 1 ? ",\n" : "") + annotation(id, image: image + 1, &random))
            }
        }
        try file.write("]}\n")
        try file.commit()
    }

    /// A star-shaped polygon with coordinates of two decimals.
    private func annotation(_ id: Int, image: Int, _ random: inout CounterRandom) -> String {
        let count = corners / 2 + random.index(below: corners)
        let radius = 5 + random.uniform() * Double(min(width, height)) / 4
        let (x, y) = (
            radius + random.uniform() * (Double(width) - 2 * radius),
            radius + random.uniform() * (Double(height) - 2 * radius)
        )
        var points: [String] = []
        var (left, right, top, bottom) = (Double.infinity, 0.0, Double.infinity, 0.0)
        var first = (0.0, 0.0)
        var last = (0.0, 0.0)
        var doubled = 0.0
        for corner in 0..<count {
            let angle = 2 * Double.pi * Double(corner) / Double(count)
            let reach = radius * (0.6 + 0.4 * random.uniform())
            let point = (
                ((x + reach * cos(angle)) * 100).rounded() / 100, ((y + reach * sin(angle)) * 100).rounded() / 100
            )
            points.append("\(point.0), \(point.1)")
            (left, right) = (min(left, point.0), max(right, point.0))
            (top, bottom) = (min(top, point.1), max(bottom, point.1))
            if corner == 0 { first = point } else { doubled += last.0 * point.1 - point.0 * last.1 }
            last = point
        }
        doubled += last.0 * first.1 - first.0 * last.1
        func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
        return
            "{\"segmentation\": [[\(points.joined(separator: ", "))]], \"area\": \(abs(doubled) / 2), \"iscrowd\": 0, \"image_id\": \(image), \"bbox\": [\(text(left)), \(text(top)), \(text(right - left)), \(text(bottom - top))], \"category_id\": \(1 + id % 80), \"id\": \(id)}"
    }
}
