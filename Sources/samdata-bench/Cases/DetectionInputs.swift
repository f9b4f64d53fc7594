import Foundation
import JSONText
import Masks
import Runtime

/// A truth and results of the shape of COCO's val2017, made up by a fixed seed: 5,000 images of 640 x 480 pixels, 36,781
/// objects as polygons (one in a hundred a crowd as run lengths) and 32,667 detections.
struct DetectionInputs {
    /// How objects are drawn.
    enum Style: String {
        /// Points in order around a centre. Points, sizes and run lengths are about those of val2014's first hundred images.
        case outlines
        /// Points anywhere in a box, so that lines cross: the shapes with which the peers' speeds were surveyed. Their
        /// outlines are four times as long as real ones.
        case scribbles
    }

    static let imageCount = 5000
    static let objectCount = 36_781
    static let detectionCount = 32_667
    private static let classCount = 80
    private static let (height, width) = (480, 640)

    let style: Style
    /// The truth.
    let truth: String
    /// Detections with boxes and masks as compressed run lengths.
    let masks: String
    /// The same detections with boxes alone.
    let boxes: String

    /// Where the files of a style are kept between runs of the bench, for us and the peers.
    static func folder(_ style: Style) -> String {
        PeerEnvironment.home + "/detection-val2017-shaped-1-\(style.rawValue)"
    }

    /// The files in the bench's folder, which are written unless they are there.
    static func prepared(_ style: Style) throws -> DetectionInputs {
        let folder = folder(style)
        let inputs = DetectionInputs(
            style: style, truth: folder + "/truth.json", masks: folder + "/masks.json", boxes: folder + "/boxes.json")
        // The truth is written last.
        if FileSystem.exists(inputs.truth) { return inputs }
        try FileSystem.createDirectory(folder)
        try inputs.write()
        return inputs
    }

    /// An outline: points around a centre.
    private struct Outline {
        var x: Double
        var y: Double
        var radius: Double
        /// Of each point from the centre, as a part of the radius.
        var points: [(x: Double, y: Double)]

        init(_ random: inout CounterRandom, _ style: Style) {
            x = random.uniform(0..<Double(width))
            y = random.uniform(0..<Double(height))
            // Sizes are spread evenly on a logarithmic scale, from 6 to 200 pixels.
            radius = 6 * exp(random.uniform(0..<3.5))
            let count = 8 + random.index(below: 36)
            points = (0..<count).map { index in
                if style == .scribbles { return (random.uniform(-0.8..<0.8), random.uniform(-0.8..<0.8)) }
                let (angle, part) = (2 * Double.pi * Double(index) / Double(count), random.uniform(0.7..<1))
                return (part * cos(angle), part * sin(angle))
            }
        }

        /// The same outline, moved and redrawn as a detector would.
        func disturbed(_ random: inout CounterRandom) -> Outline {
            var other = self
            other.x += radius * random.uniform(-0.12..<0.12)
            other.y += radius * random.uniform(-0.12..<0.12)
            other.radius *= random.uniform(0.9..<1.1)
            for index in points.indices {
                other.points[index].x += random.uniform(-0.05..<0.05)
                other.points[index].y += random.uniform(-0.05..<0.05)
            }
            return other
        }

        /// x and y in turn, within the image, to two digits.
        var ring: [Double] {
            points.flatMap { point in
                [
                    min(max(x + radius * point.x, 0), Double(width)),
                    min(max(y + radius * point.y, 0), Double(height)),
                ].map { ($0 * 100).rounded() / 100 }
            }
        }
    }

    private func write() throws {
        var random = CounterRandom(seed: 1, sample: 0, purpose: RandomPurpose("val2017"))
        var objects = JSONWriter(layout: .compact)
        let masks = try AtomicFileWriter(path: masks)
        let boxes = try AtomicFileWriter(path: boxes)
        var maskWriter = JSONWriter()
        var boxWriter = JSONWriter()
        maskWriter.beginArray()
        boxWriter.beginArray()
        objects.beginObject()
        objects.key("images")
        objects.beginArray()
        for image in 1...Self.imageCount {
            objects.value([
                "id": .integer(Int64(image)), "file_name": .string("\(image).jpg"), "width": 640, "height": 480,
            ])
        }
        objects.endArray()
        objects.key("categories")
        objects.beginArray()
        for id in 1...Self.classCount { objects.value(["id": .integer(Int64(id)), "name": .string("class \(id)")]) }
        objects.endArray()
        objects.key("annotations")
        objects.beginArray()
        var detections = 0
        for id in 1...Self.objectCount {
            let image = 1 + random.index(below: Self.imageCount)
            // A third of all objects are of one class, and the rare ones are rare.
            let share = random.uniform(0..<1)
            let category = 1 + Int(Double(Self.classCount) * share * share * share)
            let outline = Outline(&random, style)
            let mask = try RLE(height: Self.height, width: Self.width, polygons: [outline.ring])
            let isCrowd = id % 100 == 0
            objects.value([
                "id": .integer(Int64(id)), "image_id": .integer(Int64(image)),
                "category_id": .integer(Int64(category)), "iscrowd": isCrowd ? 1 : 0,
                "area": .number(Double(mask.area)), "bbox": Self.json(mask.boundingBox),
                "segmentation": isCrowd
                    ? [
                        "size": [480, 640],
                        "counts": .array(mask.counts.map { .integer(Int64($0)) }),
                    ] : .array([.array(outline.ring.map { .number($0) })]),
            ])
            // As many detections as are left for the objects that are left, a third of them of nothing.
            while detections * Self.objectCount < id * Self.detectionCount {
                detections += 1
                let isFound = random.index(below: 3) > 0
                let shape = isFound ? outline.disturbed(&random) : Outline(&random, style)
                let found = try RLE(height: Self.height, width: Self.width, polygons: [shape.ring])
                let common: [JSONMember] = [
                    JSONMember("image_id", .integer(Int64(image))),
                    JSONMember("category_id", .integer(Int64(category))),
                    JSONMember("bbox", Self.json(found.boundingBox)),
                    JSONMember("score", .number((random.uniform(0..<1) * 1000).rounded() / 1000)),
                ]
                boxWriter.value(.object(common))
                maskWriter.value(
                    .object(
                        common + [
                            JSONMember(
                                "segmentation",
                                ["size": [480, 640], "counts": .string(found.compressedString)])
                        ]))
                try maskWriter.flush(to: masks, above: 1 << 20)
            }
        }
        maskWriter.endArray()
        boxWriter.endArray()
        objects.endArray()
        objects.endObject()
        for (writer, file) in [(maskWriter, masks), (boxWriter, boxes)] {
            var writer = writer
            try writer.flush(to: file)
            try file.commit()
        }
        let file = try AtomicFileWriter(path: truth)
        try objects.flush(to: file)
        try file.commit()
    }

    private static func json(_ box: Box) -> JSONValue {
        .array([box.x, box.y, box.width, box.height].map { .number($0) })
    }
}
