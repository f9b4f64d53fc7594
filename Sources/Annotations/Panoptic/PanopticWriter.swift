private import Images
private import JSONText
internal import Masks
package import Runtime

/// Writes a COCO panoptic set: a JSON file, a PNG for each image, and the images.
///
/// Each pixel belongs to one segment: where objects overlap, the one that comes later in the image has it. All stuff of a
/// class in an image is one segment, as the format wants it.
package struct PanopticWriter: LabelWriter {
    private let options: PanopticOptions
    private let copiesImages: Bool
    private let path: String
    private let maps: String
    private let categories: [COCOCategory]
    /// Ids of the categories that are stuff.
    private let stuff: Set<COCOIdentifier>
    private var output: LabelOutput
    private var images: TextSpool
    private var annotations: TextSpool

    /// The largest number that three bytes hold.
    private static let maximumSegments = 1 << 24 - 1

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: PanopticOptions = PanopticOptions(),
        copiesImages: Bool = true
    ) throws(FileError) {
        self.options = options
        self.copiesImages = copiesImages
        self.categories = categories
        stuff = Set(
            categories.filter { category in
                options.stuff.contains(category.name)
                    || category.extra["isthing"].flatMap { try? $0.parsed() }.map { $0.int == 0 || $0.bool == false }
                        ?? false
            }.map(\.id))
        output = try LabelOutput(root: root)
        path = try output.place(options.fileName)
        maps = FolderWalk.stem(options.fileName)
        images = try TextSpool(path: path + ".images.part")
        annotations = try TextSpool(path: path + ".annotations.part")
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, .stem, copies: copiesImages)
        var entry = image.image
        if copiesImages {
            entry.fileName = name
            entry.isFileNameDerived = false
            try output.write(image.encoded, to: "images/" + name)
        }
        var losses = LossList(of: entry)
        let (height, width) = (entry.height ?? 0, entry.width ?? 0)
        var canvas = LabelCanvas(height: height, width: width)
        var drawn: [(number: UInt32, object: LabelledObject)] = []
        var stuffNumbers: [COCOIdentifier: UInt32] = [:]
        for object in image.objects {
            guard !object.mask.isEmpty, drawn.count < Self.maximumSegments else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            let category = object.annotation.categoryID
            let number = stuffNumbers[category] ?? UInt32(drawn.count + 1)
            if stuff.contains(category) { stuffNumbers[category] = number }
            canvas.draw(object.mask, value: number)
            drawn.append((number, object))
        }
        let visible = try canvas.masks()
        let map = FolderWalk.stem(name) + ".png"
        try output.write(try Self.encoded(canvas), to: FileSystem.join(maps, map))
        try images.add { COCOWriter.write(entry, to: &$0) }
        try annotations.add { writer in
            writer.beginObject()
            writer.key("image_id")
            writer.identifier(entry.id)
            writer.key("file_name")
            writer.string(map)
            writer.key("segments_info")
            writer.beginArray()
            var written: Set<UInt32> = []
            for (number, object) in drawn {
                guard let mask = visible[number], written.insert(number).inserted else { continue }
                Self.write(number, object.annotation, mask, to: &writer)
            }
            writer.endArray()
            writer.endObject()
        }
        let sharers = Dictionary(grouping: drawn, by: \.number)
        for (number, object) in drawn {
            losses.compare(
                object, readBack: visible[number], (sharers[number]?.count ?? 0) > 1 ? .merged : .shape)
        }
        return losses.losses
    }

    package mutating func takeNotes() -> LabelNotes { output.takeNotes() }

    package mutating func finish() throws {
        let file = try AtomicFileWriter(path: path)
        var writer = JSONWriter(layout: .lines)
        writer.beginObject()
        try COCOWriter.writeList(.categories, categories.map { completed($0) }, &writer, file) {
            COCOWriter.write($0, to: &$1)
        }
        try writer.flush(to: file)
        try images.write(as: "images", to: file)
        try annotations.write(as: "annotations", to: file)
        try file.write("\n}\n")
        try file.commit()
    }

    /// Keys of a segment that are written in any case, or have no meaning there.
    static let segmentKeys: Set<String> = ["id", "category_id", "area", "bbox", "iscrowd", "image_id", "segmentation"]

    package var memberPlaces: MemberPlaces { MemberPlaces(images: .all, objects: .all, categories: .all) }

    private static func write(
        _ number: UInt32, _ annotation: COCOAnnotation, _ mask: RLE, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("id")
        writer.integer(number)
        writer.key("category_id")
        writer.identifier(annotation.categoryID)
        writer.key("area")
        writer.integer(mask.area)
        writer.key("bbox")
        writer.beginArray()
        let box = mask.boundingBox
        for value in [box.x, box.y, box.width, box.height] { writer.plainNumber(value) }
        writer.endArray()
        writer.key("iscrowd")
        writer.integer(annotation.isCrowd ? 1 : 0)
        for member in annotation.extra.filter({ !segmentKeys.contains($0.name) }).tree {
            writer.key(member.name)
            writer.value(member.value)
        }
        writer.endObject()
    }

    private static func encoded(_ canvas: LabelCanvas) throws -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * canvas.values.count)
        for value in canvas.values {
            for shift in [UInt32(0), 8, 16] { pixels.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        return try ImageCodec.encodePNG(RGBImage(height: canvas.height, width: canvas.width, pixels: pixels))
    }

    /// The category with what every panoptic category has: `isthing` and a colour.
    private func completed(_ category: COCOCategory) -> COCOCategory {
        var category = category
        if options.stuff.contains(category.name) {
            category.extra.removeAll { $0.name == "isthing" }
            category.extra.append(RawMember("isthing", 0))
        } else if category.extra["isthing"] == nil {
            category.extra.append(RawMember("isthing", 1))
        }
        if category.extra["color"] == nil {
            let index = (categories.firstIndex { $0.id == category.id } ?? 0) % 255 + 1
            let colour = VOCPalette.colour(index)
            category.extra.append(RawMember("color", .array(colour.map { .integer(Int64($0)) })))
        }
        return category
    }
}

extension JSONWriter {
    /// An id with the spelling that it has.
    mutating func identifier(_ id: COCOIdentifier) {
        switch id {
        case .integer(let value): integer(value)
        case .number(let text): raw(text.utf8)
        case .text(let text): string(text)
        }
    }
}
