internal import Masks
private import Runtime

/// A YOLO set: a text file for each image, a line for each object, `class x1 y1 x2 y2 …` with an outline or
/// `class cx cy w h` with a box, in parts of the image's size.
///
/// A category's id is the class number plus one, or the number itself where no class is 0.
package struct YOLOSource: LabelSource {
    package let categories: [COCOCategory]
    package let images: [COCOImage]
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    package var statesAreas: Bool { false }
    package var statesImageSizes: Bool { false }
    /// Full paths by image.
    private let labelFiles: [String?]
    private let ids: [Int: COCOIdentifier]

    /// - Parameter path: of the set's folder, or its `data.yaml`.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, options: YOLOOptions = YOLOOptions()) throws {
        let layout = try YOLOLayout(path: path, options: options)
        var findings = layout.findings
        guard !layout.entries.isEmpty else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path), "no PNG, JPEG or TIFF image is in this folder or below")
        }
        var names = layout.configuration.names
        let files = layout.entries.map(\.labels)
        if names.isEmpty {
            let used = try Workers.map(files.count) { index in
                try files[index].map { try YOLOLabelFile(path: $0).classNumbers() } ?? []
            }
            let numbers = used.reduce(into: Set<Int>()) { $0.formUnion($1) }.sorted()
            names = numbers.map { ($0, "class \($0)") }
            findings.note(
                LabelRule.repairedValue, .warning, path: path,
                "the set has no names of classes; its \(names.count) class numbers are taken for names")
        }
        let shift = names.contains { $0.index == 0 } ? 1 : 0
        ids = Dictionary(
            names.map { ($0.index, COCOIdentifier.integer(Int64($0.index + shift))) }, uniquingKeysWith: { $1 })
        let ids = ids
        categories = names.compactMap { name in
            ids[name.index].map { COCOCategory(id: $0, name: name.name) }
        }
        images = layout.entries.enumerated().map { index, entry in
            COCOImage(id: .integer(Int64(index + 1)), fileName: entry.image, width: nil, height: nil)
        }
        labelFiles = files
        imagesDirectory = layout.imagesDirectory
        self.findings = findings.list
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        guard let path = labelFiles[index] else {
            // An image without a label file is background, by the format's own rule.
            var sheet = LabelSheet(of: images[index], at: index, path: images[index].fileName)
            sheet.note(LabelRule.noLabels, .note, "the image has no label file; it is kept without objects")
            return sheet.finish(report)
        }
        var sheet = LabelSheet(of: images[index], at: index, path: path)
        let file: YOLOLabelFile
        do {
            file = try YOLOLabelFile(path: path)
        } catch {
            sheet.dropImage(LabelRule.unreadable, failureReason(error))
            return sheet.finish(report)
        }
        file.read(into: &sheet, ids: ids, height: height, width: width)
        return sheet.finish(report)
    }
}
