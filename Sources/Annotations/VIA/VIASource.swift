internal import JSONText
internal import Masks
internal import Runtime

/// A file of the VGG Image Annotator, version 1, 2 or 3: polygons, rectangles, circles and ellipses with attributes, one
/// of which is the class.
package struct VIASource: LabelSource {
    package let categories: [COCOCategory]
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    package var statesAreas: Bool { false }
    package var statesImageSizes: Bool { false }
    private let document: VIADocument
    private var entries: [VIADocument.Entry] = []
    private let ids: CategoryList
    /// Nil where regions have no class, and are all of one.
    private let classAttribute: String?

    private static let usualNames = ["class", "label", "category", "type", "name", "class_name", "object"]

    /// - Parameters:
    ///   - path: of the JSON file.
    ///   - directory: the images' folder; without it, the file's own.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, images directory: String? = nil, options: VIAOptions = VIAOptions()) throws {
        let document = try VIADocument(path: path)
        self.document = document
        let base = String(path.dropLast(FileSystem.lastComponent(path).count))
        let beside = FileSystem.join(base, "images")
        let root = directory ?? (FileSystem.isDirectory(beside) ? beside : base.isEmpty ? "." : base)
        let walk = try FolderWalk(root: root)
        let names = FileNameIndex(paths: walk.files(endingIn: FolderWalk.imageEndings))
        var found = document.findings
        found.add(walk.findings)
        var values: [String: Set<String>] = [:]
        var taken: Set<String> = []
        for entry in document.entries {
            let match = names.match(entry.fileName)
            if let rule = match?.rule, let oddity = match?.oddity {
                found.note(rule, .warning, path: path, keyPath: entry.fileName, "the name \(oddity)")
            }
            let name = match?.path ?? entry.fileName
            guard taken.insert(name).inserted else {
                found.drop(
                    .images, LabelRule.duplicateImage, path: path, id: entry.fileName,
                    "another entry is of the image \(name) already")
                continue
            }
            entries.append(entry)
            images.append(
                COCOImage(id: .integer(Int64(entries.count)), fileName: name, width: nil, height: nil))
            for region in document.regions(of: entry) {
                for member in region.attributes {
                    if let value = region.value(of: member.name) { values[member.name, default: []].insert(value) }
                }
            }
        }
        let attribute = try Self.classAttribute(values, options, path)
        classAttribute = attribute
        let classes = attribute.map { values[$0] ?? [] } ?? ["object"]
        ids = CategoryList(classes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        categories = ids.categories
        findings = found.list
        imagesDirectory = root
    }

    private static func classAttribute(
        _ values: [String: Set<String>], _ options: VIAOptions, _ path: String
    ) throws -> String? {
        if let wanted = options.classAttribute {
            guard values[wanted] != nil else {
                throw AnnotationError(
                    .structure, at: DataLocation(path: path),
                    "no region has the attribute \(wanted); there are \(values.keys.sorted().joined(separator: ", "))")
            }
            return wanted
        }
        // What samdata writes besides is no class.
        let names = values.keys.filter { $0 != "iscrowd" }.sorted()
        if let usual = usualNames.first(where: { usual in names.contains { $0.lowercased() == usual } }) {
            return names.first { $0.lowercased() == usual }
        }
        guard names.count > 1 else { return names.first }
        throw AnnotationError(
            .structure, at: DataLocation(path: path),
            "which of the attributes \(names.joined(separator: ", ")) is the class? Name it")
    }

    package func members(ofImage index: Int) throws -> [RawMember] { document.attributes(of: entries[index]) }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        var sheet = LabelSheet(of: images[index], at: index, path: document.path)
        for (at, region) in document.regions(of: entries[index]).enumerated() {
            let place = "regions[\(at)]"
            let name = classAttribute.map { region.value(of: $0) } ?? "object"
            guard let category = name.flatMap({ ids[$0] }) else {
                sheet.drop(
                    LabelRule.unknownCategory, keyPath: place, "the region has no \(classAttribute ?? "class")")
                continue
            }
            do throws(VIARegion.Failure) {
                let outline = try region.outline()
                let isCrowd = ["1", "true"].contains(region.value(of: "iscrowd")?.lowercased() ?? "")
                let extra = region.attributes.filter { $0.name != classAttribute && $0.name != "iscrowd" }
                sheet.add(
                    category: category, segmentation: outline.ring.map { .polygons([$0]) }, box: outline.box,
                    isCrowd: isCrowd, extra: extra.isEmpty ? [] : [RawMember("attributes", .object(extra))])
            } catch {
                sheet.drop(error.rule, keyPath: place, error.message)
            }
        }
        return sheet.finish(report)
    }
}
