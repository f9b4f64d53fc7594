private import Images
internal import Masks
internal import Runtime

/// A folder of images with masks, in any of the layouts of ``MaskFolderOptions/Kind``.
package struct MaskFolderSource: LabelSource {
    package let categories: [COCOCategory]
    package let images: [COCOImage]
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    package var statesAreas: Bool { false }
    package var statesImageSizes: Bool { false }
    private let samples: [MaskSample]
    private let classMap: ClassMapReader?
    private let root: String

    /// - Throws: `FileError`; `AnnotationError.layout` for a folder without masks, or class maps without a table of
    ///   classes.
    package init(path: String, options: MaskFolderOptions = MaskFolderOptions()) throws {
        let layout = try MaskLayout(root: path)
        samples = layout.samples
        root = path
        imagesDirectory = path
        images = samples.enumerated().map { index, sample in
            COCOImage(id: .integer(Int64(index + 1)), fileName: sample.image, width: nil, height: nil)
        }
        findings = layout.findings.map { finding in
            // What the layout leaves out for an error is a mask or an image.
            LabelFinding(finding, dropped: finding.severity == .error ? .annotations : nil)
        }
        let hasMaps = samples.contains { if case .instanceMap = $0.source { true } else { false } }
        let known = layout.isCamVids && Self.isRGB(samples, path) ? ClassTable.camVid : nil
        let table = try options.classNames.map { ClassTable(names: $0) } ?? ClassTable.find(in: path) ?? known
        let isClassMap =
            switch options.kind {
            case .classMap, .colourMap: true
            case .instances, .idMap: false
            case .auto: hasMaps && table != nil && options.classNames == nil
            }
        guard isClassMap else {
            let name = options.classNames?.first ?? "object"
            categories = [COCOCategory(id: 1, name: name)]
            classMap = nil
            return
        }
        guard let table else {
            throw AnnotationError(
                .layout, at: DataLocation(path: path),
                "a map of classes needs their names: give them, or put one of \(ClassTable.fileNames.joined(separator: ", ")) into the folder"
            )
        }
        let usesColours =
            options.kind == .colourMap
            || options.kind == .auto && table.hasColours && !Self.isGray(samples, table, path)
        guard !usesColours || table.hasColours else {
            throw AnnotationError(
                .layout, at: DataLocation(path: path), "a map of colours needs a table with the colour of each class")
        }
        let ids = CategoryList(table.entries.map(\.name))
        categories = ids.categories
        classMap = ClassMapReader(
            table: table, ids: ids, usesColours: usesColours, splitsParts: options.splitsParts)
    }

    private static func firstMap(_ samples: [MaskSample]) -> String? {
        samples.lazy.compactMap { if case .instanceMap(let path) = $0.source { path } else { nil } }.first
    }

    /// Whether the first map holds colours.
    private static func isRGB(_ samples: [MaskSample], _ root: String) -> Bool {
        guard let map = firstMap(samples), let file = try? MappedFile(path: FileSystem.join(root, map)),
            let header = try? file.withBytes({ try ImageCodec.probe($0) })
        else { return false }
        return header.colour == .rgb || header.colour == .rgba
    }

    /// Whether the first map holds numbers of classes, whatever colours the table has for showing them.
    private static func isGray(_ samples: [MaskSample], _ table: ClassTable, _ root: String) -> Bool {
        let allGray = table.entries.allSatisfy { entry in
            entry.colour.map { $0 & 255 == $0 >> 8 & 255 && $0 & 255 == $0 >> 16 } ?? true
        }
        guard !allGray, let map = firstMap(samples), let file = try? MappedFile(path: FileSystem.join(root, map)) else {
            return false
        }
        guard let header = try? file.withBytes({ try ImageCodec.probe($0) }) else { return true }
        return header.colour == .gray || header.colour == .grayAlpha
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        let sample = samples[index]
        if let classMap {
            var sheet = LabelSheet(of: images[index], at: index, path: FileSystem.join(root, sample.image))
            switch sample.source {
            case .instanceMap(let path):
                try classMap.read(FileSystem.join(root, path), height: height, width: width, into: &sheet)
            case .objectMasks(let paths):
                for path in paths {
                    try classMap.read(FileSystem.join(root, path), height: height, width: width, into: &sheet)
                }
            case .none: sheet.note(LabelRule.noLabels, .warning, "the image has no mask; it is kept without objects")
            }
            return sheet.finish(report)
        }
        var reader = MaskSampleReader(root: root, options: MaskFolder.Options())
        let objects = reader.objects(of: sample)
        for var finding in reader.findings {
            finding.location.imageID = images[index].id.description
            if finding.severity == .error { finding.location.annotationID = finding.location.path }
            report(LabelFinding(finding, dropped: finding.severity == .error ? .annotations : nil))
        }
        var sheet = LabelSheet(of: images[index], at: index, path: FileSystem.join(root, sample.image))
        for object in objects?.objects ?? [] {
            let annotation = object.annotation(id: 1, imageID: 1)
            sheet.add(
                category: 1, segmentation: annotation.segmentation, box: annotation.bbox, area: annotation.area)
        }
        return sheet.finish(report)
    }
}
