private import Foundation
internal import JSONText
internal import Masks
internal import Runtime

/// Writes Label Studio tasks for import, `tasks.json`, with the labelling configuration `config.xml` and the images:
/// outlines of one part as polygons, everything else as brush masks.
package struct LabelStudioWriter: LabelWriter {
    private let options: LabelStudioOptions
    private let copiesImages: Bool
    private let names: [COCOIdentifier: String]
    private var output: LabelOutput
    private let file: AtomicFileWriter
    private var count = 0

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: LabelStudioOptions = LabelStudioOptions(),
        copiesImages: Bool = true
    ) throws {
        self.options = options
        self.copiesImages = copiesImages
        names = Dictionary(categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        output = try LabelOutput(root: root)
        let labels = categories.map { "    <Label value=\"\(XMLText.escaped($0.name))\"/>\n" }.joined()
        let kinds = [("polygon", "PolygonLabels"), ("brush", "BrushLabels"), ("rectangle", "RectangleLabels")]
        let config = kinds.map { "  <\($1) name=\"\($0)\" toName=\"image\">\n\(labels)  </\($1)>\n" }.joined()
        try output.write("<View>\n  <Image name=\"image\" value=\"$image\"/>\n\(config)</View>\n", to: "config.xml")
        file = try AtomicFileWriter(path: try output.place("tasks.json"))
        try file.write("[")
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, copies: copiesImages)
        var losses = LossList(of: image.image)
        var writer = JSONWriter()
        let escaped = name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? name
        count += 1
        writer.beginObject()
        writer.key("id")
        writer.integer(count)
        writer.key("data")
        let others = image.image.extra.filter { $0.name != "image" }
        writer.value(.object([JSONMember("image", .string(options.imagePrefix + escaped))] + others.tree))
        writer.key("annotations")
        writer.beginArray()
        writer.beginObject()
        writer.key("result")
        writer.beginArray()
        for (order, object) in image.objects.enumerated() {
            guard let label = names[object.annotation.categoryID] else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            losses.noteCrowd(object)
            write(object, label: label, order: order, to: &writer, &losses)
        }
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        if copiesImages { try output.write(image.encoded, to: "images/" + name) }
        try file.write(count == 1 ? "\n" : ",\n")
        try file.write(writer.bytes)
        return losses.losses
    }

    package mutating func takeNotes() -> LabelNotes { output.takeNotes() }

    package mutating func finish() throws {
        try file.write("\n]\n")
        try file.commit()
    }

    private func write(
        _ object: LabelledObject, label: String, order: Int, to writer: inout JSONWriter, _ losses: inout LossList
    ) {
        let mask = object.mask
        let box = object.annotation.bbox ?? .zero
        if mask.isEmpty, box.area <= 0 { return losses.add(object, .object, overlap: 0) }
        let ring = mask.isEmpty ? nil : exactRing(object)
        let kind = mask.isEmpty ? "rectangle" : ring == nil ? "brush" : "polygon"
        writer.beginObject()
        for (key, text) in [
            ("id", "r\(order + 1)"), ("type", kind + "labels"), ("from_name", kind), ("to_name", "image"),
        ] {
            writer.key(key)
            writer.string(text)
        }
        for (key, number) in [("original_width", mask.width), ("original_height", mask.height), ("image_rotation", 0)] {
            writer.key(key)
            writer.integer(number)
        }
        writer.key("value")
        writer.beginObject()
        if mask.isEmpty {
            let (w, h) = (Double(mask.width) / 100, Double(mask.height) / 100)
            for (key, number) in [
                ("x", box.x / w), ("y", box.y / h), ("width", box.width / w), ("height", box.height / h),
                ("rotation", 0),
            ] {
                writer.key(key)
                writer.plainNumber(number)
            }
        } else if let ring {
            writer.key("points")
            writer.beginArray()
            for at in stride(from: 0, to: ring.count - 1, by: 2) {
                writer.beginArray()
                writer.plainNumber(ring[at])
                writer.plainNumber(ring[at + 1])
                writer.endArray()
            }
            writer.endArray()
            writer.key("closed")
            writer.bool(true)
        } else {
            writer.key("format")
            writer.string("rle")
            writer.key("rle")
            writer.beginArray()
            for byte in BrushCodec.encode(mask) { writer.integer(byte) }
            writer.endArray()
        }
        writer.key(kind + "labels")
        writer.value(.array([.string(label)]))
        writer.endObject()
        if let score = object.annotation.extra["score"] { score.write(to: &writer) }
        writer.endObject()
    }

    package var memberPlaces: MemberPlaces { MemberPlaces(images: .all, objects: .named(["score"])) }

    /// The outline in percent, where there is one ring that is read back as exactly the mask.
    private func exactRing(_ object: LabelledObject) -> [Double]? {
        guard let rings = object.exactRings(), rings.count == 1, rings[0].count >= 6 else { return nil }
        let mask = object.mask
        let sides = [Double(mask.width) / 100, Double(mask.height) / 100]
        let percent = rings[0].enumerated().map { offset, value in
            let side = sides[offset % 2]
            return [value / side, (value / side).nextUp, (value / side).nextDown].first { $0 * side == value }
                ?? value / side
        }
        let back = percent.enumerated().map { $1 * sides[$0 % 2] }
        return (try? RLE(height: mask.height, width: mask.width, polygons: [back])) == mask ? percent : nil
    }
}
