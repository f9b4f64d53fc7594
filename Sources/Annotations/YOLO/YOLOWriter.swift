internal import JSONText
internal import Masks
private import Runtime

/// Writes a YOLO set: `images`, `labels` with a text file for each image, `data.yaml`.
package struct YOLOWriter: ResumableLabelWriter {
    private let options: YOLOOptions
    private let copiesImages: Bool
    private let categories: [COCOCategory]
    private let classNumbers: [COCOIdentifier: Int]
    private var output: LabelOutput

    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: YOLOOptions = YOLOOptions(), copiesImages: Bool = true
    ) throws {
        self.options = options
        self.copiesImages = copiesImages
        self.categories = categories
        classNumbers = Dictionary(
            categories.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        output = try LabelOutput(root: root)
        // Written first: it states what is known from the start, and a set that is cut off is still readable.
        try output.write(configuration(), to: "data.yaml")
    }

    private func configuration() -> String {
        // Programs want both keys; the parts of a split do not stand in for each other.
        let parts = options.isOfSplit ? [options.writtenPart] : ["train", "val", options.writtenPart]
        var text = "path: .\n"
        for (index, part) in parts.enumerated() where parts.firstIndex(of: part) == index {
            text += "\(YOLOSplit.key(of: part)): images\n"
        }
        return text + YOLOSplit.names(of: categories)
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, .stem, copies: copiesImages)
        var losses = LossList(of: image.image)
        var text: [UInt8] = []
        for object in image.objects { write(object, &text, &losses) }
        if copiesImages { try output.write(image.encoded, to: "images/" + name) }
        try output.write(text, to: "labels/" + FolderWalk.stem(name) + ".txt")
        return losses.losses
    }

    package mutating func takeNotes() -> LabelNotes { output.takeNotes() }

    package mutating func finish() throws {}

    package var lastWritten: WrittenImage { output.written }

    package mutating func resume(_ image: WrittenImage) throws { output.resume(image) }

    private func write(_ object: LabelledObject, _ text: inout [UInt8], _ losses: inout LossList) {
        guard let number = classNumbers[object.annotation.categoryID] else {
            losses.add(object, .object, overlap: 0)
            return
        }
        let mask = object.mask
        losses.noteCrowd(object)
        if options.boxesOnly || mask.isEmpty {
            let box = object.annotation.bbox ?? mask.boundingBox
            guard box.width > 0, box.height > 0 else { return losses.add(object, .object, overlap: 0) }
            let (w, h) = (Double(mask.width), Double(mask.height))
            append(
                number, [(box.x + box.width / 2) / w, (box.y + box.height / 2) / h, box.width / w, box.height / h],
                &text)
            if !mask.isEmpty {
                losses.compare(object, readBack: try? RLE(height: mask.height, width: mask.width, box: box))
            }
            return
        }
        let (rings, kind) = rings(of: object)
        var parts: [RLE] = []
        for ring in rings {
            let values = normalised(ring, of: mask)
            append(number, values, &text)
            let pixels = values.enumerated().map { offset, value in
                readBack(value) * Double(offset.isMultiple(of: 2) ? mask.width : mask.height)
            }
            if let part = try? RLE(height: mask.height, width: mask.width, polygons: [pixels]) { parts.append(part) }
        }
        if rings.count > 1 {
            // Each line is an object of its own to readers: of the mask, the best of them is left.
            losses.add(object, .parts, overlap: parts.map { LossList.overlap(mask, $0) }.max() ?? 0)
        }
        losses.compare(object, readBack: try? RLE.union(parts), kind)
    }

    /// The rings to write, one line each, and what it is called when they are not the mask.
    private func rings(of object: LabelledObject) -> (rings: [[Double]], kind: ObjectLoss.Kind) {
        let stated = object.statedRings
        if let stated, stated.count == 1, stated[0].count >= 6 { return (stated, .shape) }
        let outline = MaskOutline(object.mask)
        switch options.multipart {
        case .bridge:
            return (outline.bridged.map { [$0] } ?? [], .shape)
        case .split: return (outline.parts, .holes)
        case .largest:
            return (outline.largestPart.map { [$0] } ?? [], outline.parts.count > 1 ? .parts : .holes)
        }
    }

    /// Coordinates in parts of the image's size, chosen so that multiplying gives the pixels again where that is
    /// possible at all.
    private func normalised(_ ring: [Double], of mask: RLE) -> [Double] {
        ring.enumerated().map { offset, value in
            let side = Double(offset.isMultiple(of: 2) ? mask.width : mask.height)
            let part = value / side
            return [part, part.nextUp, part.nextDown].first { $0 * side == value } ?? part
        }
    }

    /// The value that a reader sees.
    private func readBack(_ value: Double) -> Double {
        guard let decimals = options.decimals else { return value }
        return Double(Self.text(value, decimals)) ?? value
    }

    private func append(_ number: Int, _ values: [Double], _ text: inout [UInt8]) {
        text += "\(number)".utf8
        for value in values {
            text.append(UInt8(ascii: " "))
            text += (options.decimals.map { Self.text(value, $0) } ?? Self.shortest(value)).utf8
        }
        text.append(UInt8(ascii: "\n"))
    }

    private static func shortest(_ value: Double) -> String {
        var writer = JSONWriter()
        writer.plainNumber(value)
        return writer.text
    }

    private static func text(_ value: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1.0) { result, _ in result * 10 }
        return shortest((value * scale).rounded() / scale)
    }
}
