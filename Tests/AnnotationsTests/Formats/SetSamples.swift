import Annotations
import Foundation
import Images
import Masks
import Runtime
import Testing

/// Images with every kind of object that formats have trouble with, and what is needed to write and read them.
enum SetSamples {
    static let categories = [
        COCOCategory(id: 1, name: "cell"), COCOCategory(id: 2, name: "traffic light: \"big\" & <red>"),
        COCOCategory(id: 3, name: "Zelle äöü"),
    ]

    /// A mask drawn as text: `#` is foreground.
    static func mask(_ rows: [String]) -> RLE {
        RLE(
            Bitmap(
                height: rows.count, width: rows[0].utf8.count, pixels: rows.flatMap { $0.utf8.map { $0 == 35 ? 1 : 0 } }
            ))
    }

    /// 12 wide, 8 high, disjoint.
    static let disjoint: [RLE] = [
        // A ring: the hole is no part of it.
        mask([
            "####........", "#..#........", "#..#........", "####........", "............", "............",
            "............", "............",
        ]),
        // Two parts.
        mask([
            "............", "............", "............", "......##....", "............", "......##....",
            "......##....", "............",
        ]),
        // One pixel.
        mask([
            "............", ".....#......", "............", "............", "............", "............",
            "............", "............",
        ]),
        // Touching three borders.
        mask([
            "..........##", "..........##", "..........##", "..........##", "..........##", "..........##",
            "..........##", "..........##",
        ]),
        // Pixels that touch at corners, two holes.
        mask([
            "............", "............", "............", "............", "............", "#####.......",
            "#.#.#.......", "#####.......",
        ]),
    ]

    /// Overlapping the first of ``disjoint``.
    static let overlapping = mask([
        "............", ".##.........", ".##.........", "..##........", "...##.......", "............", "............",
        "............",
    ])

    static func object(
        _ id: Int64, _ mask: RLE, category: Int64 = 1, isCrowd: Bool = false, image: Int64 = 1,
        segmentation: Segmentation? = nil
    ) -> LabelledObject {
        LabelledObject(
            annotation: COCOAnnotation(
                id: .integer(id), imageID: .integer(image), categoryID: .integer(category), segmentation: segmentation,
                bbox: mask.boundingBox, area: Double(mask.area), crowdFlag: isCrowd),
            mask: mask)
    }

    static func png(height: Int, width: Int, shade: UInt8 = 90) throws -> [UInt8] {
        try ImageCodec.encodePNG(
            RGBImage(height: height, width: width, filling: RGBColour(shade, 120, 30)))
    }

    static func image(
        _ id: Int64, name: String, height: Int = 8, width: Int = 12, _ objects: [LabelledObject]
    ) throws -> LabelledImage {
        LabelledImage(
            image: COCOImage(id: .integer(id), fileName: name, width: width, height: height),
            encoded: try png(height: height, width: width, shade: UInt8(id)), objects: objects)
    }

    /// Objects that do not overlap, a crowd, another image without objects, one in a folder.
    static func images(overlap: Bool = true, crowd: Bool = true) throws -> [LabelledImage] {
        var objects = disjoint.enumerated().map { object(Int64($0 + 1), $1, category: Int64($0 % 3 + 1)) }
        if overlap { objects.append(object(6, overlapping, category: 2)) }
        let whole = mask([String](repeating: "#####", count: 4))
        let ring: [Double] = [1, 1, 6.3, 1.2, 7.1, 5.6, 2, 6]
        let outline = try RLE(height: 8, width: 12, polygons: [ring])
        return [
            try image(1, name: "a.png", objects),
            try image(2, name: "empty.png", []),
            try image(
                3, name: "sub/b c.png", height: 4, width: 5, [object(7, whole, category: 3, isCrowd: crowd, image: 3)]),
            try image(4, name: "ä.png", [object(8, outline, category: 2, image: 4, segmentation: .polygons([ring]))]),
        ]
    }

    /// Writes images and ends the set.
    static func write(_ images: [LabelledImage], with writer: any LabelWriter) throws -> [ObjectLoss] {
        var writer = writer
        var losses: [ObjectLoss] = []
        for image in images { losses += try writer.write(image) }
        try writer.finish()
        return losses
    }

    /// Everything that a source says of its images, by file name without folder and ending.
    static func read(_ source: any LabelSource) throws -> [String: ReadImage] {
        var result: [String: ReadImage] = [:]
        for (index, image) in source.images.enumerated() {
            let bytes: [UInt8]
            if let inside = try source.encodedImage(at: index) {
                bytes = inside
            } else {
                let directory = try #require(source.imagesDirectory)
                bytes = try FileSystem.read(FileSystem.join(directory, image.fileName))
            }
            let header = try ImageCodec.probe(bytes)
            if let width = image.width { #expect(width == header.width) }
            if let height = image.height { #expect(height == header.height) }
            var findings: [LabelFinding] = []
            let annotations = try source.annotations(ofImage: index, height: header.height, width: header.width) {
                findings.append($0)
            }
            let objects = try annotations.map { annotation in
                ReadObject(
                    category: source.categories.first { $0.id == annotation.categoryID }?.name ?? "?",
                    mask: try annotation.segmentation?.rle(height: header.height, width: header.width),
                    box: annotation.bbox, isCrowd: annotation.isCrowd, annotation: annotation)
            }
            #expect(annotations.allSatisfy { $0.imageID == image.id })
            result[key(image.fileName)] = ReadImage(encoded: bytes, objects: objects, findings: findings)
        }
        return result
    }

    static func key(_ name: String) -> String {
        String(FileSystem.lastComponent(name).prefix { $0 != "." }).precomposedStringWithCanonicalMapping
    }
}

struct ReadImage {
    let encoded: [UInt8]
    let objects: [ReadObject]
    let findings: [LabelFinding]
}

struct ReadObject {
    let category: String
    let mask: RLE?
    let box: Box?
    let isCrowd: Bool
    let annotation: COCOAnnotation
}
