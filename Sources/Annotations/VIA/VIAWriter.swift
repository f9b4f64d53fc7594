internal import JSONText
internal import Masks
internal import Runtime

/// Writes a project of the VGG Image Annotator 2 with the images beside it. A region is one ring: parts and holes are
/// joined by bridges without width, and the mask comes back as it was.
package struct VIAWriter: LabelWriter {
    private let options: VIAOptions
    private let copiesImages: Bool
    private let categories: [COCOCategory]
    private let names: [COCOIdentifier: String]
    private var classRenames: [LabelRename]
    private var output: LabelOutput
    private let file: AtomicFileWriter
    private var isFirst = true

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: VIAOptions = VIAOptions(), copiesImages: Bool = true
    ) throws {
        self.options = options
        self.copiesImages = copiesImages
        self.categories = categories
        let plain = PlainNames(categories, isList: false)
        names = plain.names
        classRenames = plain.renames
        output = try LabelOutput(root: root)
        file = try AtomicFileWriter(path: try output.place("via.json"))
        let settings = JSONValue.object([
            JSONMember(
                "core", .object([JSONMember("filepath", .object([])), JSONMember("default_filepath", "images/")])),
            JSONMember("project", .object([JSONMember("name", "samdata")])),
        ])
        try file.write("{\"_via_settings\":\(settings.text()),\n\"_via_img_metadata\":{")
    }

    private var classAttribute: String { options.classAttribute ?? "class" }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, copies: copiesImages)
        var losses = LossList(of: image.image)
        var regions: [JSONValue] = []
        for object in image.objects {
            guard let label = names[object.annotation.categoryID], let shape = shape(of: object, &losses) else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            var attributes = [JSONMember(classAttribute, .string(label))]
            if object.annotation.isCrowd { attributes.append(JSONMember("iscrowd", "1")) }
            attributes += Self.texts(of: object.annotation.extra, taken: [classAttribute, "iscrowd"])
            regions.append(
                .object([JSONMember("shape_attributes", shape), JSONMember("region_attributes", .object(attributes))]))
        }
        let entry = JSONValue.object([
            JSONMember("filename", .string(name)), JSONMember("size", .integer(Int64(image.encoded.count))),
            JSONMember("regions", .array(regions)),
            JSONMember("file_attributes", .object(Self.texts(of: image.image.extra, taken: []))),
        ])
        if copiesImages { try output.write(image.encoded, to: "images/" + name) }
        try file.write(isFirst ? "\n" : ",\n")
        isFirst = false
        // VIA's own key: the name and the file's bytes.
        try file.write(JSONValue.string("\(name)\(image.encoded.count)").text() + ":" + entry.text())
        return losses.losses
    }

    package mutating func takeNotes() -> LabelNotes {
        defer { classRenames = [] }
        return output.takeNotes(with: classRenames)
    }

    package mutating func finish() throws {
        let choices = categories.map { JSONMember(names[$0.id] ?? "", "") }
        let attribute = JSONValue.object([
            JSONMember("type", "dropdown"), JSONMember("description", ""), JSONMember("options", .object(choices)),
            JSONMember("default_options", .object([])),
        ])
        let attributes = JSONValue.object([
            JSONMember("region", .object([JSONMember(classAttribute, attribute)])),
            JSONMember("file", .object([])),
        ])
        try file.write("\n},\n\"_via_attributes\":\(attributes.text()),\n\"_via_data_format_version\":\"2.0.10\"}\n")
        try file.commit()
    }

    package var memberPlaces: MemberPlaces { MemberPlaces(images: .all, objects: .all) }

    /// Attributes as VIA has them, which are texts, or options that are ticked.
    private static func texts(of members: [RawMember], taken: Set<String>) -> [JSONMember] {
        members.flattened(taken: taken).map { member in
            let isAttribute = member.value.string != nil || member.value.object != nil
            return isAttribute ? member : JSONMember(member.name, .string(member.value.text()))
        }
    }

    private func shape(of object: LabelledObject, _ losses: inout LossList) -> JSONValue? {
        let mask = object.mask
        if mask.isEmpty {
            guard let box = object.annotation.bbox, box.area > 0 else { return nil }
            return .object([
                JSONMember("name", "rect"), JSONMember("x", .number(box.x)), JSONMember("y", .number(box.y)),
                JSONMember("width", .number(box.width)), JSONMember("height", .number(box.height)),
            ])
        }
        guard let ring = Self.ring(of: object, &losses) else { return nil }
        func axis(_ first: Int) -> JSONValue {
            .array(stride(from: first, to: ring.count & ~1, by: 2).map { .number(ring[$0]) })
        }
        return .object([
            JSONMember("name", "polygon"), JSONMember("all_points_x", axis(0)), JSONMember("all_points_y", axis(1)),
        ])
    }

    /// The one ring that an object with a mask is written as, x and y in turn.
    static func ring(of object: LabelledObject, _ losses: inout LossList) -> [Double]? {
        let mask = object.mask
        let stated = object.statedRings.flatMap { $0.count == 1 && $0[0].count >= 6 ? $0[0] : nil }
        guard let ring = stated ?? MaskOutline(mask).bridged else { return nil }
        losses.compare(object, readBack: try? RLE(height: mask.height, width: mask.width, polygons: [ring]))
        return ring.count % 2 == 0 ? ring : Array(ring.dropLast())
    }
}
