private import JSONText
private import Masks
package import Runtime

/// Writes a set as a COCO or LVIS file with its images beside it, element by element: memory does not grow with the set.
///
/// Images stand before annotations in the file, so annotations wait in a file of their own until the set ends. The bytes
/// are those of ``COCOWriter/write(_:to:)``.
package struct COCOSetWriter: LabelWriter {
    private let options: COCOSetOptions
    private let copiesImages: Bool
    private let path: String
    private var output: LabelOutput
    private var categories: [COCOCategory]
    private var sections: [RawMember]
    private var images: TextSpool
    private var annotations: TextSpool
    private var written: Int64 = 0
    private var counts: LVISCounts

    /// - Parameters:
    ///   - root: the output directory.
    ///   - sections: top-level members other than the three lists: `info`, `licenses`.
    /// - Throws: `FileError.write`.
    package init(
        root: String, categories: [COCOCategory], options: COCOSetOptions = COCOSetOptions(), copiesImages: Bool = true,
        sections: [RawMember] = []
    ) throws(FileError) {
        self.options = options
        self.copiesImages = copiesImages
        self.categories = categories
        self.sections = sections
        output = try LabelOutput(root: root)
        path = try output.place(options.fileName)
        images = try TextSpool(path: path + ".images.part")
        annotations = try TextSpool(path: path + ".annotations.part")
        counts = LVISCounts()
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        var entry = image.image
        if copiesImages {
            entry.fileName = output.name(for: image, .stated)
            entry.isFileNameDerived = false
            try output.write(image.encoded, to: "images/" + entry.fileName)
        }
        if options.isLVIS { counts.complete(&entry) }
        try images.add { COCOWriter.write(entry, to: &$0) }
        var losses = LossList(of: entry)
        counts.beginImage()
        for object in image.objects {
            written += 1
            var annotation = object.annotation
            if options.renumbers { annotation.id = .integer(written) }
            annotation.imageID = entry.id
            setMask(of: &annotation, object, &losses)
            if options.isLVIS {
                losses.noteCrowd(object)
                annotation.crowdFlag = nil
                annotation.extra.removeAll { $0.name == "iscrowd" }
                counts.add(annotation.categoryID)
            } else {
                annotation.crowdFlag = annotation.isCrowd
            }
            try annotations.add { COCOWriter.write(annotation, to: &$0) }
        }
        return losses.losses
    }

    package var memberPlaces: MemberPlaces { .all }

    package mutating func takeNotes() -> LabelNotes { output.takeNotes() }

    package mutating func finish() throws {
        let file = try AtomicFileWriter(path: path)
        var writer = JSONWriter(layout: .lines)
        writer.beginObject()
        for section in sections where COCOSection(rawValue: section.name) == nil { section.write(to: &writer) }
        let listed = options.isLVIS ? categories.map { counts.complete($0) } : categories
        try COCOWriter.writeList(.categories, listed, &writer, file) { COCOWriter.write($0, to: &$1) }
        try writer.flush(to: file)
        try images.write(as: COCOSection.images.rawValue, to: file)
        try annotations.write(as: COCOSection.annotations.rawValue, to: file)
        try file.write("\n}\n")
        try file.commit()
    }

    /// Writes the mask in the form that the options ask for, with its own box and area where none is stated.
    private func setMask(of annotation: inout COCOAnnotation, _ object: LabelledObject, _ losses: inout LossList) {
        let mask = object.mask
        annotation.bbox = annotation.bbox ?? mask.boundingBox
        annotation.area = annotation.area ?? object.coveredArea
        // A box without a mask stays one.
        if annotation.segmentation == nil, mask.isEmpty { return }
        if annotation.isCrowd && !options.isLVIS {
            annotation.segmentation = .runs(
                height: mask.height, width: mask.width, counts: mask.counts.map { Int($0) })
            return
        }
        let stated = object.statedRings
        if options.maskForm != .rle, let rings = stated ?? object.exactRings() {
            if stated == nil { annotation.spelling.segmentation = .plain }
            annotation.segmentation = .polygons(rings)
            return
        }
        if options.maskForm == .polygons {
            let rings = MaskOutline(mask).parts
            annotation.segmentation = .polygons(rings)
            annotation.spelling.segmentation = .plain
            losses.compare(
                object, readBack: try? RLE(height: mask.height, width: mask.width, polygons: rings), .holes)
            return
        }
        annotation.segmentation = .compressed(height: mask.height, width: mask.width, bytes: mask.compressed())
    }
}
