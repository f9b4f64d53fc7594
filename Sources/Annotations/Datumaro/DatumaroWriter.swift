internal import JSONText
internal import Masks
internal import Runtime

/// Writes a Datumaro set: outlines of one part as polygons, everything else as masks; groups of objects have the attribute
/// `is_crowd`.
package struct DatumaroWriter: LabelWriter {
    private let options: DatumaroOptions
    private let copiesImages: Bool
    private let labels: [COCOIdentifier: Int]
    private var output: LabelOutput
    private let file: AtomicFileWriter
    private var isFirst = true

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: DatumaroOptions = DatumaroOptions(),
        copiesImages: Bool = true
    ) throws {
        self.options = options
        self.copiesImages = copiesImages
        labels = Dictionary(categories.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        output = try LabelOutput(root: root)
        file = try AtomicFileWriter(path: try output.place("annotations/\(options.writtenSubset).json"))
        let list = categories.map { category in
            JSONValue.object([
                JSONMember("name", .string(category.name)), JSONMember("parent", ""), JSONMember("attributes", []),
            ])
        }
        var head = JSONWriter()
        head.value(
            .object([
                JSONMember(
                    "label",
                    .object([
                        JSONMember("label_groups", []), JSONMember("labels", .array(list)),
                        JSONMember("attributes", []),
                    ]))
            ]))
        try file.write(
            "{\"dm_format_version\":\"1.0\",\"media_type\":2,\"infos\":{},\n\"categories\":\(head.text),\n\"items\":[")
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, .stem, copies: copiesImages)
        var losses = LossList(of: image.image)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.string(FolderWalk.stem(name))
        writer.key("annotations")
        writer.beginArray()
        for (order, object) in image.objects.enumerated() {
            guard let label = labels[object.annotation.categoryID] else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            write(object, label: label, order: order, to: &writer, &losses)
        }
        writer.endArray()
        if !image.image.extra.isEmpty {
            writer.key("attr")
            writer.value(.object(image.image.extra.tree))
        }
        writer.key("image")
        writer.value(
            .object([
                JSONMember("path", .string(name)),
                JSONMember(
                    "size", .array([image.image.height, image.image.width].map { .integer(Int64($0 ?? 0)) })),
            ]))
        writer.endObject()
        if copiesImages { try output.write(image.encoded, to: "images/\(options.writtenSubset)/\(name)") }
        try file.write(isFirst ? "\n" : ",\n")
        isFirst = false
        try file.write(writer.bytes)
        return losses.losses
    }

    package var memberPlaces: MemberPlaces { MemberPlaces(images: .all, objects: .all) }

    package mutating func takeNotes() -> LabelNotes { output.takeNotes() }

    package mutating func finish() throws {
        try file.write("\n]}\n")
        try file.commit()
    }

    private func write(
        _ object: LabelledObject, label: Int, order: Int, to writer: inout JSONWriter, _ losses: inout LossList
    ) {
        let annotation = object.annotation
        let rings = object.exactRings()
        let ring = rings?.count == 1 && (rings?[0].count ?? 0) >= 6 ? rings?[0] : nil
        if object.mask.isEmpty, (annotation.bbox?.area ?? 0) <= 0 { return losses.add(object, .object, overlap: 0) }
        writer.beginObject()
        writer.key("id")
        writer.integer(annotation.id.int64 ?? Int64(order + 1))
        writer.key("type")
        writer.string(object.mask.isEmpty ? "bbox" : ring == nil ? "mask" : "polygon")
        writer.key("attributes")
        let crowd = annotation.isCrowd ? [JSONMember("is_crowd", true)] : []
        writer.value(.object(crowd + annotation.extra.tree.renamed(taken: ["is_crowd"])))
        // Of several objects of a group, Datumaro makes one instance: each is alone.
        writer.key("group")
        writer.integer(order + 1)
        writer.key("label_id")
        writer.integer(label)
        writer.key("z_order")
        writer.integer(order)
        if object.mask.isEmpty {
            let box = annotation.bbox ?? .zero
            numbers("bbox", [box.x, box.y, box.width, box.height], &writer)
        } else if let ring {
            numbers("points", ring, &writer)
        } else {
            writer.key("rle")
            writer.beginObject()
            writer.key("counts")
            writer.string(object.mask.compressedString)
            numbers("size", [Double(object.mask.height), Double(object.mask.width)], &writer)
            writer.endObject()
        }
        writer.endObject()
    }

    private func numbers(_ key: String, _ values: [Double], _ writer: inout JSONWriter) {
        writer.key(key)
        writer.beginArray()
        for value in values { writer.plainNumber(value) }
        writer.endArray()
    }
}
