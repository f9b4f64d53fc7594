internal import Images
internal import Masks
internal import Runtime

/// A Pascal VOC set: an XML file for each image with boxes that begin at 1 and include their last pixel, and palette PNG
/// files with the objects' numbers and classes, in which 255 is void.
///
/// Source: the VOC 2012 development kit, section 3 of its documentation.
package struct VOCSource: LabelSource {
    package let categories: [COCOCategory]
    package let images: [COCOImage]
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    package var statesAreas: Bool { false }
    private let entries: [VOCLayout.Entry]
    private let table: ClassTable
    private let ids: CategoryList

    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, options: VOCOptions = VOCOptions()) throws {
        let layout = try VOCLayout(path: path, options: options)
        guard layout.entries.contains(where: { $0.annotation != nil || $0.objects != nil || $0.classes != nil }) else {
            throw AnnotationError(.structure, at: DataLocation(path: path), layout.absence)
        }
        let entries = layout.entries
        let heads = try Workers.map(entries.count) { index in
            entries[index].annotation.map { VOCHead(try? XMLNode.read(path: $0)) }
        }
        var ids = CategoryList()
        table = try ClassTable.find(in: layout.root) ?? .pascal
        // The table's order where there is one, so that two parts of a set agree on their numbers.
        let used = Set(heads.flatMap { $0?.names ?? [] })
        let hasMasks = entries.contains { $0.classes != nil }
        if hasMasks || table.entries.contains(where: { used.contains($0.name) }) {
            for entry in table.entries { _ = ids.id(of: entry.name) }
        }
        for name in used.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { _ = ids.id(of: name) }
        if entries.contains(where: { $0.objects != nil }) && !entries.contains(where: { $0.classes != nil })
            && used.isEmpty
        {
            _ = ids.id(of: "object")
        }
        self.ids = ids
        self.entries = entries
        categories = ids.categories
        images = entries.enumerated().map { index, entry in
            COCOImage(
                id: .integer(Int64(index + 1)), fileName: entry.image, width: heads[index]?.width,
                height: heads[index]?.height)
        }
        imagesDirectory = layout.root
        findings = layout.findings.list
    }

    /// Sizes are stated in the XML files, which sets of masks alone do not have.
    package var statesImageSizes: Bool { entries.allSatisfy { $0.annotation != nil } }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        let entry = entries[index]
        let path = entry.annotation ?? entry.objects ?? entry.classes ?? images[index].fileName
        var sheet = LabelSheet(of: images[index], at: index, path: path)
        var boxes: [VOCObject] = []
        if let annotation = entry.annotation {
            do {
                boxes = VOCObject.all(in: try XMLNode.read(path: annotation), &sheet)
            } catch {
                sheet.dropImage(LabelRule.unreadable, failureReason(error))
                return sheet.finish(report)
            }
        } else if entry.objects == nil, entry.classes == nil {
            sheet.note(LabelRule.noLabels, .note, "the image has no labels; it is kept without objects")
        }
        let masks = VOCMasks(entry, height: height, width: width, table: table, &sheet)
        add(boxes, masks, to: &sheet)
        return sheet.finish(report)
    }

    /// Objects of the XML file with the mask of their number, where its class agrees, then masks without a box.
    private func add(_ boxes: [VOCObject], _ masks: VOCMasks, to sheet: inout LabelSheet) {
        var rest = masks.objects
        for (number, box) in boxes.enumerated() {
            guard let category = ids[box.name] else {
                sheet.drop(LabelRule.unknownCategory, line: box.line, "class \"\(box.name)\" is not known")
                continue
            }
            if let mask = rest[UInt32(number + 1)], mask.className == nil || mask.className == box.name,
                box.fits(mask.mask) || box.surrounds(mask.mask) && !boxes.contains(where: { $0.fits(mask.mask) })
            {
                rest[UInt32(number + 1)] = nil
                sheet.add(
                    category: category,
                    segmentation: .compressed(
                        height: mask.mask.height, width: mask.mask.width, bytes: mask.mask.compressed()),
                    box: mask.mask.boundingBox, area: Double(mask.mask.area), extra: box.extra, line: box.line)
            } else {
                sheet.add(category: category, segmentation: nil, box: box.box, extra: box.extra, line: box.line)
            }
        }
        for number in rest.keys.sorted() {
            guard let mask = rest[number] else { continue }
            let name = mask.className ?? (categories.count == 1 ? categories[0].name : nil)
            guard let category = name.flatMap({ ids[$0] }) else {
                sheet.drop(
                    LabelRule.unknownCategory, keyPath: "object \(number)", "the mask has no class that is known")
                continue
            }
            sheet.add(category: category, mask: mask.mask)
        }
        for (name, mask) in masks.regions {
            guard let category = ids[name] else { continue }
            sheet.add(category: category, mask: mask)
        }
    }
}

/// What is needed of an XML file when a set is opened.
private struct VOCHead: Sendable {
    var width: Int?
    var height: Int?
    var names: [String] = []

    init(_ root: XMLNode?) {
        guard let root else { return }
        func side(_ name: String) -> Int? {
            root["size"]?.number(name).flatMap { Int(exactly: $0) }.flatMap { $0 > 0 ? $0 : nil }
        }
        (width, height) = (side("width"), side("height"))
        names = root.all("object").compactMap { $0.text("name") }
    }
}
