private import Images
internal import JSONText
internal import Masks
private import Runtime

/// Writes folders of images with masks.
///
/// Binary masks hold everything but classes, which they have in the names of their files; maps give each pixel to one
/// object or class, the later one where they overlap.
package struct MaskFolderWriter: ResumableLabelWriter {
    private let options: MaskFolderOptions
    private let copiesImages: Bool
    private let categories: [COCOCategory]
    private let classNumbers: [COCOIdentifier: Int]
    private var classRenames: [LabelRename] = []
    private var output: LabelOutput

    private static let maximumValue = Int(UInt16.max)

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: MaskFolderOptions = MaskFolderOptions(),
        copiesImages: Bool = true
    ) throws {
        self.options = options
        self.copiesImages = copiesImages
        self.categories = categories
        classNumbers = Dictionary(
            categories.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
        output = try LabelOutput(root: root)
        // A table of classes makes maps of classes of all maps, so those of objects have none.
        switch options.kind {
        case .classMap:
            // An empty line would be none, and the classes behind it have other numbers.
            let plain = PlainNames(categories, isList: false)
            classRenames = plain.renames
            let names = categories.map { (plain.names[$0.id] ?? "").replacing("\n", with: " ") }
            try output.write((["background"] + names).map { $0 + "\n" }.joined(), to: "classes.txt")
        case .colourMap:
            let plain = PlainNames(categories, isList: true)
            classRenames = plain.renames
            var table = "# label:color_rgb:parts:actions\nbackground:0,0,0::\n"
            for (index, category) in categories.enumerated() {
                let colour = Self.colour(index + 1).map { "\($0)" }.joined(separator: ",")
                table += "\(plain.names[category.id] ?? ""):\(colour)::\n"
            }
            try output.write(table, to: "labelmap.txt")
        case .auto, .instances, .idMap: break
        }
    }

    /// VOC's colours, and for classes beyond its palette others that are all different.
    private static func colour(_ number: Int) -> [UInt8] {
        if number < 256 { return VOCPalette.colour(number) }
        // Odd blue is in none of the palette's colours, whose last bits are 0 but for those of high numbers.
        return [UInt8(number >> 8 & 255), UInt8(number & 255), 255]
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, .flatStem, copies: copiesImages)
        let stem = FolderWalk.stem(name)
        var losses = LossList(of: image.image)
        switch options.kind {
        case .auto, .instances:
            let folder = stem
            if copiesImages { try output.write(image.encoded, to: "\(folder)/images/\(name)") }
            try writeInstances(image, to: "\(folder)/masks", &losses)
        case .idMap, .classMap, .colourMap:
            if copiesImages { try output.write(image.encoded, to: "images/" + name) }
            try writeMap(image, to: "masks/" + stem, &losses)
        }
        return losses.losses
    }

    package mutating func takeNotes() -> LabelNotes {
        defer { classRenames = [] }
        return output.takeNotes(with: classRenames)
    }

    package mutating func finish() throws {}

    package var lastWritten: WrittenImage { output.written }

    package mutating func resume(_ image: WrittenImage) throws {
        output.resume(image)
        // A folder without masks is no file that could be found missing.
        if options.kind == .auto || options.kind == .instances {
            _ = try output.place("\(FolderWalk.stem(image.name))/masks/.")
        }
    }

    private mutating func writeInstances(_ image: LabelledImage, to folder: String, _ losses: inout LossList) throws {
        var number = 0
        for object in image.objects {
            losses.noteCrowd(object)
            guard !object.mask.isEmpty else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            noteClass(of: object, &losses)
            number += 1
            let category = classNumbers[object.annotation.categoryID].map { categories[$0 - 1].name } ?? ""
            let label = String(category.map { $0.isLetter || $0.isNumber ? $0 : "_" }.prefix(60))
            let digits = String(number)
            let name =
                String(repeating: "0", count: max(0, 5 - digits.count)) + digits + (label.isEmpty ? "" : "-" + label)
            let values = object.mask.bitmap().pixels.map { $0 == 0 ? UInt8(0) : 255 }
            let png = try ImageCodec.encodePNG(gray: values, width: object.mask.width, height: object.mask.height)
            try output.write(png, to: "\(folder)/\(name).png")
        }
        _ = try output.place("\(folder)/.")
    }

    /// Notes that readers of masks without a table of classes call everything an object.
    private func noteClass(of object: LabelledObject, _ losses: inout LossList) {
        let number = classNumbers[object.annotation.categoryID]
        if number.map({ categories[$0 - 1].name }) != "object" { losses.add(object, .category, overlap: 1) }
    }

    private mutating func writeMap(_ image: LabelledImage, to stem: String, _ losses: inout LossList) throws {
        let (height, width) = (image.image.height ?? 0, image.image.width ?? 0)
        guard height > 0, width > 0 else { return }
        var canvas = LabelCanvas(height: height, width: width)
        var drawn: [(value: UInt32, object: LabelledObject)] = []
        for object in image.objects {
            losses.noteCrowd(object)
            let number = options.kind == .idMap ? drawn.count + 1 : classNumbers[object.annotation.categoryID] ?? 0
            guard !object.mask.isEmpty, (1...Self.maximumValue).contains(number), drawn.count < Self.maximumValue else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            if options.kind == .idMap { noteClass(of: object, &losses) }
            canvas.draw(object.mask, value: UInt32(number))
            drawn.append((UInt32(drawn.count + 1), object))
        }
        try output.write(
            try encoded(canvas), to: stem + (options.writesTIFF && options.kind != .colourMap ? ".tif" : ".png"))
        let visible = try canvas.masks()
        if options.kind == .idMap {
            for (value, object) in drawn { losses.compare(object, readBack: visible[value]) }
            return
        }
        var perClass: [COCOIdentifier: Int] = [:]
        for (_, object) in drawn { perClass[object.annotation.categoryID, default: 0] += 1 }
        for (_, object) in drawn {
            let area = visible[UInt32(classNumbers[object.annotation.categoryID] ?? 0)]
            // Where others of its class cover it, the class is still there.
            let left = try area.flatMap { area in
                let left = try RLE.intersection([object.mask, area])
                return left.isEmpty ? nil : left
            }
            losses.compare(object, readBack: left)
            // Several objects of a class are one area of it when they are read again.
            guard left != nil, let area, (perClass[object.annotation.categoryID] ?? 0) > 1 else { continue }
            losses.add(object, .merged, overlap: LossList.overlap(object.mask, area))
        }
    }

    private func encoded(_ canvas: LabelCanvas) throws -> [UInt8] {
        if options.kind == .colourMap {
            let pixels = canvas.values.flatMap { $0 == 0 ? [0, 0, 0] : Self.colour(Int($0)) }
            return try ImageCodec.encodePNG(RGBImage(height: canvas.height, width: canvas.width, pixels: pixels))
        }
        // Object numbers are 16 bit throughout a set, so that its files are all of one kind.
        let isWide = options.kind == .idMap || categories.count > 254
        if options.writesTIFF {
            return TIFFWriter.encode(
                canvas.values.map { UInt16($0) }, height: canvas.height, width: canvas.width, bitDepth: isWide ? 16 : 8)
        }
        if isWide {
            return try ImageCodec.encodePNG(
                gray16: canvas.values.map { UInt16($0) }, width: canvas.width, height: canvas.height)
        }
        return try ImageCodec.encodePNG(
            gray: canvas.values.map { UInt8($0) }, width: canvas.width, height: canvas.height)
    }
}
