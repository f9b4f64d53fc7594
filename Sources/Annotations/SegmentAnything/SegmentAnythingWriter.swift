private import Images
internal import JSONText
internal import Masks
internal import Runtime

/// Writes a set in the layout of SA-1B, as tar files that WebDataset reads or as a folder.
///
/// Masks, overlaps and holes are all kept. `category_id`, `category_name` and `iscrowd` are added; readers of SA-1B ignore
/// them. A score in the labels becomes `uncertain_iou`, by which SAM 2's training filters.
package struct SegmentAnythingWriter: ResumableLabelWriter {
    private let options: SegmentAnythingOptions
    private let names: [COCOIdentifier: String]
    private var output: LabelOutput
    private var tar: TarWriter?
    private var tars = 0
    private var taken: Set<Int64> = []
    private var next: Int64 = 1
    private var renames: [LabelRename] = []

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: SegmentAnythingOptions = SegmentAnythingOptions()
    ) throws {
        self.options = options
        names = Dictionary(categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        output = try LabelOutput(root: root)
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        var encoded = image.encoded
        if let quality = options.jpegQuality, LabelOutput.ending(of: encoded) == "png" {
            encoded = try ImageCodec.encodeJPEG(try ImageCodec.decodeRGB(encoded), quality: quality)
        }
        let number = number(for: image.image)
        let name = "sa_\(number)." + LabelOutput.ending(of: encoded)
        let stated = image.image.fileName
        if !stated.isEmpty, stated != name {
            renames.append(LabelRename(.image, id: image.image.id, from: stated, to: name))
        }
        let labels = document(image, number: number, name: name)
        if options.isTar {
            if let tar, tar.count >= options.tarBytes {
                try tar.finish()
                self.tar = nil
            }
            if tar == nil {
                let digits = String(tars)
                let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
                tar = try TarWriter(path: try output.place("sa_\(padded).tar"))
                tars += 1
            }
            try tar?.add(name, encoded)
            try tar?.add("sa_\(number).json", labels)
        } else {
            output.begin(name)
            try output.write(encoded, to: name)
            try output.write(labels, to: "sa_\(number).json")
        }
        return []
    }

    package mutating func takeNotes() -> LabelNotes {
        defer { renames = [] }
        return output.takeNotes(with: renames)
    }

    package mutating func finish() throws {
        try tar?.finish()
        tar = nil
    }

    package var isResumable: Bool { !options.isTar }

    package var lastWritten: WrittenImage { output.written }

    package mutating func resume(_ image: WrittenImage) throws {
        output.resume(image)
        if let number = Int64(FolderWalk.stem(image.name).dropFirst("sa_".count)) { taken.insert(number) }
    }

    /// The image's id, where it is a number that no other has; SAM 2 demands one in the name.
    private mutating func number(for image: COCOImage) -> Int64 {
        if case .integer(let id) = image.id, id >= 0, taken.insert(id).inserted { return id }
        while !taken.insert(next).inserted { next += 1 }
        return next
    }

    private func document(_ image: LabelledImage, number: Int64, name: String) -> [UInt8] {
        var writer = JSONWriter()
        let (width, height) = (image.image.width ?? 0, image.image.height ?? 0)
        writer.beginObject()
        writer.key("image")
        writer.beginObject()
        writer.key("image_id")
        writer.integer(number)
        writer.key("width")
        writer.integer(width)
        writer.key("height")
        writer.integer(height)
        writer.key("file_name")
        writer.string(name)
        for member in image.image.extra.tree.renamed(taken: ["image_id", "width", "height", "file_name"]) {
            writer.key(member.name)
            writer.value(member.value)
        }
        writer.endObject()
        writer.key("annotations")
        writer.beginArray()
        for (index, object) in image.objects.enumerated() {
            write(object, fallbackID: index + 1, height: height, width: width, to: &writer)
        }
        writer.endArray()
        writer.endObject()
        writer.finish()
        return writer.bytes
    }

    private func write(
        _ object: LabelledObject, fallbackID: Int, height: Int, width: Int, to writer: inout JSONWriter
    ) {
        let annotation = object.annotation
        func stated(_ keys: String...) -> Double? {
            keys.lazy.compactMap { key in (try? annotation.extra[key]?.parsed())?.double }.first
        }
        writer.beginObject()
        writer.key("id")
        writer.integer(annotation.id.int64 ?? Int64(fallbackID))
        writer.key("segmentation")
        writer.beginObject()
        writer.key("size")
        writer.beginArray()
        writer.integer(object.mask.height)
        writer.integer(object.mask.width)
        writer.endArray()
        writer.key("counts")
        writer.string(object.mask.compressedString)
        writer.endObject()
        // A box without a mask keeps its box.
        let box = object.mask.isEmpty ? annotation.bbox ?? .zero : object.mask.boundingBox
        numbers("bbox", [box.x, box.y, box.width, box.height], &writer)
        writer.key("area")
        writer.plainNumber(object.coveredArea)
        writer.key("predicted_iou")
        writer.plainNumber(stated("predicted_iou", "score", "uncertain_iou") ?? 1)
        writer.key("stability_score")
        writer.plainNumber(stated("stability_score") ?? 1)
        member("crop_box", annotation, &writer) {
            numbers("crop_box", [0, 0, Double(width), Double(height)], &$0)
        }
        member("point_coords", annotation, &writer) { writer in
            let point = Self.pointInside(object.mask)
            writer.key("point_coords")
            writer.beginArray()
            writer.beginArray()
            writer.plainNumber(point.x)
            writer.plainNumber(point.y)
            writer.endArray()
            writer.endArray()
        }
        if let score = stated("uncertain_iou", "score") {
            writer.key("uncertain_iou")
            writer.plainNumber(score)
        }
        writer.key("category_id")
        writer.identifier(annotation.categoryID)
        writer.key("category_name")
        writer.string(names[annotation.categoryID] ?? "")
        writer.key("iscrowd")
        writer.integer(annotation.isCrowd ? 1 : 0)
        for member in annotation.extra.filter({ !Self.ownKeys.contains($0.name) }).tree {
            writer.key(member.name)
            writer.value(member.value)
        }
        writer.endObject()
    }

    /// Keys of an annotation that are written in any case, or under another name.
    private static let ownKeys: Set<String> = [
        "id", "sa_id", "segmentation", "bbox", "area", "predicted_iou", "stability_score", "crop_box", "point_coords",
        "uncertain_iou", "category_id", "category_name", "iscrowd", "image_id",
    ]

    package var memberPlaces: MemberPlaces { MemberPlaces(images: .all, objects: .all) }

    private func numbers(_ key: String, _ values: [Double], _ writer: inout JSONWriter) {
        writer.key(key)
        writer.beginArray()
        for value in values { writer.plainNumber(value) }
        writer.endArray()
    }

    /// The member as it was read, or else what `make` writes.
    private func member(
        _ name: String, _ annotation: COCOAnnotation, _ writer: inout JSONWriter, _ make: (inout JSONWriter) -> Void
    ) {
        if let kept = annotation.extra[name] { kept.write(to: &writer) } else { make(&writer) }
    }

    /// The middle of the longest run: a pixel of the mask that lies well inside.
    private static func pointInside(_ mask: RLE) -> (x: Double, y: Double) {
        var best: (count: Int, middle: Int) = (0, 0)
        var position = 0
        for (index, count) in mask.counts.enumerated() {
            if index % 2 == 1, Int(count) > best.count { best = (Int(count), position + Int(count) / 2) }
            position += Int(count)
        }
        guard mask.height > 0 else { return (0, 0) }
        return (Double(best.middle / mask.height), Double(best.middle % mask.height))
    }
}
