internal import JSONText
internal import Masks
private import Runtime

/// Writes a folder of labelme files with their images: polygons where they draw the mask, masks elsewhere; the parts of
/// an object share a `group_id`, groups of objects have the flag `iscrowd`.
package struct LabelmeWriter: ResumableLabelWriter {
    private let options: LabelmeOptions
    private let copiesImages: Bool
    private let names: [COCOIdentifier: String]
    private var output: LabelOutput

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: LabelmeOptions = LabelmeOptions(), copiesImages: Bool = true
    ) throws {
        self.options = options
        self.copiesImages = copiesImages
        names = Dictionary(categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        output = try LabelOutput(root: root)
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, .stem, copies: copiesImages)
        var losses = LossList(of: image.image)
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        writer.key("version")
        writer.string(options.version)
        writer.key("flags")
        writer.value(.object([]))
        writer.key("shapes")
        writer.beginArray()
        var group: Int64 = 0
        for object in image.objects {
            guard let label = names[object.annotation.categoryID] else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            for shape in try shapes(of: object, &group, &losses) {
                let members = [JSONMember("label", .string(label))] + shape + Self.members(of: object.annotation)
                writer.value(.object(members))
            }
        }
        writer.endArray()
        writer.key("imagePath")
        writer.string(FileSystem.lastComponent(name))
        writer.key("imageData")
        writer.null()
        for (key, side) in [("imageHeight", image.image.height), ("imageWidth", image.image.width)] {
            writer.key(key)
            writer.integer(side ?? 0)
        }
        for member in image.image.extra.tree.renamed(taken: LabelmeSource.imageKeys) {
            writer.key(member.name)
            writer.value(member.value)
        }
        writer.endObject()
        writer.finish()
        if copiesImages { try output.write(image.encoded, to: name) }
        try output.write(writer.bytes, to: FolderWalk.stem(name) + ".json")
        return losses.losses
    }

    package var memberPlaces: MemberPlaces { MemberPlaces(images: .all, objects: .all) }

    /// What is said of an object besides its shape: flags, among them whether it is a group, and what labelme keeps as other
    /// data of a shape.
    private static func members(of annotation: COCOAnnotation) -> [JSONMember] {
        var others = annotation.extra.tree
        func take(_ name: String) -> JSONValue? {
            others.firstIndex { $0.name == name }.map { others.remove(at: $0).value }
        }
        let stated = take("flags")
        var flags = (stated?.object ?? stated.map { [JSONMember("flags", $0)] } ?? []).filter { $0.name != "iscrowd" }
        if annotation.isCrowd { flags.append(JSONMember("iscrowd", true)) }
        let description = take("description").map { $0.string ?? $0.text() } ?? ""
        return [JSONMember("description", .string(description)), JSONMember("flags", .object(flags))]
            + others.renamed(taken: LabelmeSource.shapeKeys)
    }

    package mutating func takeNotes() -> LabelNotes { output.takeNotes() }

    package mutating func finish() throws {}

    package var lastWritten: WrittenImage { output.written }

    package mutating func resume(_ image: WrittenImage) throws { output.resume(image) }

    /// The shapes of an object, without label and flags.
    private func shapes(
        of object: LabelledObject, _ group: inout Int64, _ losses: inout LossList
    ) throws -> [[JSONMember]] {
        if object.mask.isEmpty {
            guard let box = object.annotation.bbox, box.width > 0, box.height > 0 else {
                losses.add(object, .object, overlap: 0)
                return []
            }
            return [Self.shape("rectangle", [box.x, box.y, box.maxX, box.maxY], group: nil)]
        }
        var rings = object.exactRings()
        if rings?.contains(where: { $0.count < 6 }) == true { rings = MaskOutline(object.mask).parts }
        if rings == nil, options.writesMasks, let picture = try MaskPicture.base64(object.mask) {
            let (rows, columns) = (picture.rows, picture.columns)
            // The corner of the last pixel counts in, as labelme has it.
            let corners = [columns.lowerBound, rows.lowerBound, columns.upperBound - 1, rows.upperBound - 1]
            return [
                Self.shape("mask", corners.map { Double($0) }, group: nil)
                    + [JSONMember("mask", .string(picture.text))]
            ]
        }
        if rings == nil {
            rings = MaskOutline(object.mask).parts
            losses.compare(
                object,
                readBack: try? RLE(height: object.mask.height, width: object.mask.width, polygons: rings ?? []), .holes)
        }
        let parts = rings ?? []
        group += parts.count > 1 ? 1 : 0
        return parts.map { Self.shape("polygon", $0, group: parts.count > 1 ? group : nil) }
    }

    private static func shape(_ kind: String, _ values: [Double], group: Int64?) -> [JSONMember] {
        let points = stride(from: 0, to: values.count - 1, by: 2).map {
            JSONValue.array([.number(values[$0]), .number(values[$0 + 1])])
        }
        return [
            JSONMember("points", .array(points)), JSONMember("group_id", group.map { .integer($0) } ?? .null),
            JSONMember("shape_type", .string(kind)),
        ]
    }
}
