internal import JSONText
internal import Masks
internal import Runtime

/// Writes a project of the VGG Image Annotator 3 with the images beside it: a view of one file for each image, and a line of
/// metadata for each object. A region is one ring, as in ``VIAWriter``.
///
/// Source: the VIA 3 project format, version 3.1.1 (shapes are lists that begin with their kind: 2 a rectangle, 7 a polygon).
package struct VIAThirdWriter: LabelWriter {
    private let options: VIAOptions
    private let copiesImages: Bool
    /// In the categories' order.
    private let names: [String]
    private var classRenames: [LabelRename]
    private let numbers: [COCOIdentifier: Int]
    private var output: LabelOutput
    private let file: AtomicFileWriter
    /// Views and metadata wait until the list of files is whole.
    private var views: TextSpool
    private var metadata: TextSpool
    private var count = 0

    /// Numbers of the two attributes, and of the kinds that VIA gives them: a choice, and a box to tick.
    private static let classNumber = "1"
    private static let crowdNumber = "2"

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: VIAOptions = VIAOptions(), copiesImages: Bool = true
    ) throws {
        self.options = options
        self.copiesImages = copiesImages
        let plain = PlainNames(categories, isList: false)
        names = categories.map { plain.names[$0.id] ?? "" }
        classRenames = plain.renames
        numbers = Dictionary(
            categories.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        output = try LabelOutput(root: root)
        file = try AtomicFileWriter(path: try output.place("via.json"))
        views = try TextSpool(path: try output.place(".via.json.views"))
        metadata = try TextSpool(path: try output.place(".via.json.metadata"))
        let config = JSONValue.object([
            JSONMember(
                "file",
                .object([
                    JSONMember("loc_prefix", .object(["1", "2", "3", "4"].map { JSONMember($0, "") }))
                ]))
        ])
        try file.write("{\"config\":\(config.text()),\n\"attribute\":\(attributes.text()),\n\"file\":{")
    }

    /// The class as a choice, and whether an object is a group.
    private var attributes: JSONValue {
        func attribute(_ name: String, type: Int64, options: [JSONMember]) -> JSONValue {
            .object([
                JSONMember("aname", .string(name)), JSONMember("anchor_id", "FILE1_Z0_XY1"),
                JSONMember("type", .integer(type)), JSONMember("desc", ""), JSONMember("options", .object(options)),
                JSONMember("default_option_id", ""),
            ])
        }
        let classes = names.enumerated().map { JSONMember("\($0)", .string($1)) }
        return .object([
            JSONMember(Self.classNumber, attribute(options.classAttribute ?? "class", type: 4, options: classes)),
            JSONMember(Self.crowdNumber, attribute("iscrowd", type: 2, options: [JSONMember("1", "1")])),
        ])
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, copies: copiesImages)
        var losses = LossList(of: image.image)
        if copiesImages { try output.write(image.encoded, to: "images/" + name) }
        try file.write(count == 0 ? "\n" : ",\n")
        count += 1
        let number = count
        let entry = JSONValue.object([
            JSONMember("fid", .string("\(number)")), JSONMember("fname", .string(name)), JSONMember("type", 2),
            JSONMember("loc", 3), JSONMember("src", .string("images/" + name)),
        ])
        try file.write("\"\(number)\":" + entry.text())
        try views.addMember("\(number)", .object([JSONMember("fid_list", .array([.string("\(number)")]))]))
        for (index, object) in image.objects.enumerated() {
            guard let label = numbers[object.annotation.categoryID], let shape = shape(of: object, &losses) else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            var values = [JSONMember(Self.classNumber, .string("\(label)"))]
            if object.annotation.isCrowd { values.append(JSONMember(Self.crowdNumber, "1")) }
            try metadata.addMember(
                "\(number)_\(index + 1)",
                .object([
                    JSONMember("vid", .string("\(number)")), JSONMember("flg", 0), JSONMember("z", .array([])),
                    JSONMember("xy", .array(shape.map { .number($0) })), JSONMember("av", .object(values)),
                ]))
        }
        return losses.losses
    }

    package mutating func takeNotes() -> LabelNotes {
        defer { classRenames = [] }
        return output.takeNotes(with: classRenames)
    }

    package mutating func finish() throws {
        try file.write("\n}")
        try metadata.write(as: "metadata", isObject: true, to: file)
        try views.write(as: "view", isObject: true, to: file)
        let project = JSONValue.object([
            JSONMember("pid", "__VIA_PROJECT_ID__"), JSONMember("rev", "__VIA_PROJECT_REV_ID__"),
            JSONMember("rev_timestamp", "__VIA_PROJECT_REV_TIMESTAMP__"), JSONMember("pname", "samdata"),
            JSONMember("creator", "samdata"), JSONMember("data_format_version", "3.1.1"),
            JSONMember("vid_list", .array((0..<count).map { .string("\($0 + 1)") })),
        ])
        try file.write(",\n\"project\":\(project.text())}\n")
        try file.commit()
    }

    /// The kind of a shape, and its numbers.
    private func shape(of object: LabelledObject, _ losses: inout LossList) -> [Double]? {
        if object.mask.isEmpty {
            guard let box = object.annotation.bbox, box.area > 0 else { return nil }
            return [2, box.x, box.y, box.width, box.height]
        }
        return VIAWriter.ring(of: object, &losses).map { [7] + $0 }
    }
}
