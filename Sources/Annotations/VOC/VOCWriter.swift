private import Images
internal import JSONText
internal import Masks
package import Runtime

/// Writes a Pascal VOC set: `JPEGImages`, `Annotations`, `SegmentationClass`, `SegmentationObject`, `ImageSets`,
/// `labelmap.txt`.
///
/// A palette has 256 entries, of which 0 is background and 255 void: at most 254 objects of an image have a mask, the
/// others a box alone; categories beyond the 254th have no area in the class map.
package struct VOCWriter: ResumableLabelWriter {
    private let options: VOCOptions
    private let copiesImages: Bool
    private let classNumbers: [COCOIdentifier: Int]
    private let names: [COCOIdentifier: String]
    private var classRenames: [LabelRename]
    private var output: LabelOutput
    private let list: AtomicFileWriter

    private static let maximumValue = 254

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: VOCOptions = VOCOptions(), copiesImages: Bool = true
    ) throws(FileError) {
        self.options = options
        self.copiesImages = copiesImages
        classNumbers = Dictionary(
            categories.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
        let plain = PlainNames(categories, isList: true)
        names = plain.names
        classRenames = plain.renames
        output = try LabelOutput(root: root)
        list = try AtomicFileWriter(path: try output.place("ImageSets/Segmentation/\(options.writtenSet).txt"))
        var table = "# label:color_rgb:parts:actions\nbackground:0,0,0::\n"
        for (index, category) in categories.enumerated() {
            let colour = VOCPalette.colour((index + 1) % 256).map { "\($0)" }.joined(separator: ",")
            table += "\(plain.names[category.id] ?? ""):\(colour)::\n"
        }
        try output.write(table, to: "labelmap.txt")
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, .flatStem, copies: copiesImages)
        let stem = FolderWalk.stem(name)
        var losses = LossList(of: image.image)
        let (height, width) = (image.image.height ?? 0, image.image.width ?? 0)
        var objects = LabelCanvas(height: height, width: width)
        var classes = objects
        var drawn: [(value: UInt32, object: LabelledObject)] = []
        var text = ""
        // Objects with a mask come first: the number of a mask is that of its object in the XML file.
        let known = image.objects.filter { classNumbers[$0.annotation.categoryID] != nil }
        for object in image.objects where classNumbers[object.annotation.categoryID] == nil {
            losses.add(object, .object, overlap: 0)
        }
        for object in known.filter({ !$0.mask.isEmpty }) + known.filter({ $0.mask.isEmpty }) {
            losses.noteCrowd(object)
            text += element(of: object)
            if object.mask.isEmpty { continue }
            let number = classNumbers[object.annotation.categoryID] ?? 0
            guard drawn.count < Self.maximumValue, number <= Self.maximumValue else {
                losses.add(object, .shape, overlap: 0)
                continue
            }
            let value = UInt32(drawn.count + 1)
            objects.draw(object.mask, value: value)
            classes.draw(object.mask, value: UInt32(number))
            drawn.append((value, object))
        }
        if copiesImages { try output.write(image.encoded, to: "JPEGImages/" + name) }
        if height > 0, width > 0 {
            try output.write(try Self.encoded(objects), to: "SegmentationObject/\(stem).png")
            try output.write(try Self.encoded(classes), to: "SegmentationClass/\(stem).png")
        }
        try output.write(document(name, height: height, width: width, text), to: "Annotations/\(stem).xml")
        try list.write(stem + "\n")
        let visible = try objects.masks()
        for (value, object) in drawn {
            // Of one that is covered wholly, the box is left.
            if let mask = visible[value] {
                losses.compare(object, readBack: mask)
            } else {
                losses.add(object, .shape, overlap: 0)
            }
        }
        return losses.losses
    }

    package var memberPlaces: MemberPlaces {
        MemberPlaces(objects: .named(["pose", "truncated", "occluded", "difficult"]))
    }

    package mutating func takeNotes() -> LabelNotes {
        defer { classRenames = [] }
        return output.takeNotes(with: classRenames)
    }

    package mutating func finish() throws { try list.commit() }

    package var lastWritten: WrittenImage { output.written }

    package mutating func resume(_ image: WrittenImage) throws {
        output.resume(image)
        try list.write(FolderWalk.stem(image.name) + "\n")
    }

    private static func encoded(_ canvas: LabelCanvas) throws -> [UInt8] {
        try ImageCodec.encodePNG(
            indexes: canvas.values.map { UInt8($0) }, palette: VOCPalette.bytes, width: canvas.width,
            height: canvas.height)
    }

    private func document(_ name: String, height: Int, width: Int, _ objects: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <annotation>
          \(XMLText.element("folder", options.folderName))
          \(XMLText.element("filename", name))
          <size><width>\(width)</width><height>\(height)</height><depth>3</depth></size>
          <segmented>\(objects.isEmpty ? 0 : 1)</segmented>
        \(objects)</annotation>

        """
    }

    private func element(of object: LabelledObject) -> String {
        let annotation = object.annotation
        let name = names[annotation.categoryID] ?? ""
        let box = annotation.bbox ?? object.mask.boundingBox
        let extra = ["pose", "truncated", "occluded", "difficult"].compactMap { key in
            guard let value = try? annotation.extra[key]?.parsed() else { return nil as String? }
            return XMLText.element(key, value.string ?? value.text())
        }.joined()
        // From 1, the last pixel included.
        let bounds = [
            ("xmin", box.x + 1), ("ymin", box.y + 1), ("xmax", box.maxX), ("ymax", box.maxY),
        ].map { "<\($0)>\(Self.number($1))</\($0)>" }.joined()
        return "  <object>\(XMLText.element("name", name))\(extra)<bndbox>\(bounds)</bndbox></object>\n"
    }

    private static func number(_ value: Double) -> String {
        var writer = JSONWriter()
        writer.plainNumber(value)
        return writer.text
    }
}
