private import Masks
package import Runtime

/// Writes a set as a COCO or LVIS file with its images beside it, element by element: memory does not grow with the set.
///
/// The file is that of ``COCOFileWriter``.
package struct COCOSetWriter: LabelWriter {
    private let options: COCOSetOptions
    private let copiesImages: Bool
    private var output: LabelOutput
    private var categories: [COCOCategory]
    private var sections: [RawMember]
    private var file: COCOFileWriter
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
        file = try COCOFileWriter(path: try output.place(options.fileName))
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
        try file.add(entry)
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
            try file.add(annotation)
        }
        return losses.losses
    }

    package var memberPlaces: MemberPlaces { .all }

    package mutating func takeNotes() -> LabelNotes { output.takeNotes() }

    package mutating func finish() throws {
        let listed = options.isLVIS ? categories.map { counts.complete($0) } : categories
        try file.finish(sections: sections, categories: listed)
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
