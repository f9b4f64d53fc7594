private import Foundation
internal import JSONText
internal import Masks
internal import Runtime

/// A Label Studio export, JSON or JSON-MIN: polygons, rectangles, ellipses and brush masks, in percent of the image's size
/// in the frame with the EXIF orientation applied.
///
/// Of several annotations of a task the first that was not cancelled counts, one marked as ground truth before others.
package struct LabelStudioSource: LabelSource {
    package let categories: [COCOCategory]
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    package let imagesDirectory: String?
    package var statesImageIDs: Bool { false }
    package var statesAreas: Bool { false }
    package var framesAreUpright: Bool { true }
    package var statesImageSizes: Bool { false }
    private let list: JSONList
    private let options: LabelStudioOptions
    private var places: [Range<Int>] = []
    private let ids: CategoryList

    private static let labelKeys = [
        "polygonlabels", "rectanglelabels", "brushlabels", "ellipselabels", "labels", "bitmasklabels",
    ]

    /// - Parameters:
    ///   - path: of the JSON file.
    ///   - directory: the images' folder, in which the names of uploads and storages are looked for; without it, the
    ///     file's own.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(
        path: String, images directory: String? = nil, options: LabelStudioOptions = LabelStudioOptions()
    ) throws {
        self.options = options
        let list = try JSONList(path: path)
        self.list = list
        let own = FileSystem.folder(of: path)
        let root = directory ?? (own.isEmpty ? "." : own)
        imagesDirectory = root
        let walk = try FolderWalk(root: root)
        let names = FileNameIndex(paths: walk.files(endingIn: FolderWalk.imageEndings))
        var found = SetFindings()
        found.add(walk.findings)
        var labels: Set<String> = []
        var taken: Set<String> = []
        var places: [Range<Int>] = []
        var images: [COCOImage] = []
        var tasks = 0
        try list.scan(lists: []) { name, _, place in
            guard name.isEmpty else {
                throw AnnotationError(
                    .structure, at: DataLocation(path: path), "is no list of tasks: export JSON or JSON-MIN")
            }
            tasks += 1
            let task: JSONValue
            do {
                task = try list.element(at: place)
            } catch {
                found.drop(
                    .images, LabelRule.unreadable, path: path, byte: place.lowerBound, id: "task \(tasks)",
                    failureReason(error))
                return
            }
            guard let stated = Self.imageName(task) else {
                found.drop(
                    .images, LabelRule.badValue, path: path, byte: place.lowerBound,
                    id: task["id"]?.text() ?? "task \(tasks)", "the task names no image")
                return
            }
            let name = Self.match(stated, names)?.path ?? Self.fileName(stated)
            guard taken.insert(name).inserted else {
                found.drop(
                    .images, LabelRule.duplicateImage, path: path, byte: place.lowerBound,
                    id: task["id"]?.text() ?? name, "another task is of the image \(name) already")
                return
            }
            let results = Self.results(of: task, options)
            if results.others > 0 {
                found.note(
                    LabelRule.ignoredPart, .warning, path: path, byte: place.lowerBound, keyPath: name,
                    "\(results.others) more annotations of the task are ignored")
            }
            for result in results.list { labels.formUnion(Self.label(of: result).map { [$0] } ?? []) }
            let size = results.list.lazy.compactMap { Self.size(of: $0) }.first
            places.append(place)
            images.append(
                COCOImage(
                    id: .integer(Int64(places.count)), fileName: name, width: size?.width, height: size?.height,
                    extra: (task["id"].map { [RawMember("task_id", $0)] } ?? [])
                        + Self.members(of: task, stated: stated)))
        }
        self.places = places
        self.images = images
        ids = CategoryList(labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        categories = ids.categories
        findings = found.list
    }

    // MARK: Tasks

    /// The results that count, and how many annotations were passed over.
    private static func results(of task: JSONValue, _ options: LabelStudioOptions) -> (list: [JSONValue], others: Int) {
        if let annotations = task["annotations"]?.array ?? task["completions"]?.array {
            let valid = annotations.filter { $0["was_cancelled"]?.bool != true }
            let chosen = valid.first { $0["ground_truth"]?.bool == true } ?? valid.first
            if let chosen { return (chosen["result"]?.array ?? [], valid.count - 1) }
        }
        if options.readsPredictions, let first = task["predictions"]?.array?.first {
            return (first["result"]?.array ?? [], 0)
        }
        // JSON-MIN: members whose elements are values with a label.
        let flat = (task.object ?? []).filter { !["annotations", "predictions", "data"].contains($0.name) }
            .flatMap { $0.value.array ?? [] }.filter { value in labelKeys.contains { value[$0] != nil } }
        return (flat, 0)
    }

    private static func imageName(_ task: JSONValue) -> String? {
        let data = task["data"] ?? task
        let endings = FolderWalk.imageEndings.union(["webp", "bmp", "tif", "tiff"])
        if let name = data["image"]?.string ?? data["img"]?.string { return name }
        return data.object?.compactMap { $0.value.string }.first {
            endings.contains(FolderWalk.ending(fileName($0)))
        }
    }

    /// What a task says of its image besides the image's name.
    private static func members(of task: JSONValue, stated: String) -> [RawMember] {
        (task["data"]?.object ?? []).filter { $0.value.string != stated }.map { RawMember($0.name, $0.value) }
    }

    /// The path in a URL, in a storage, or in the query of a local file.
    private static func plain(_ name: String) -> String {
        var text = name
        if let query = text.range(of: "?d=") {
            text = String(text[query.upperBound...])
        } else if let scheme = text.range(of: "://") {
            text = String(text[scheme.upperBound...].drop { $0 != "/" }.dropFirst())
            text = String(text.prefix { $0 != "?" && $0 != "#" })
        }
        return (text.removingPercentEncoding ?? text).replacing("\\", with: "/")
    }

    private static func fileName(_ name: String) -> String {
        plain(name).split(separator: "/").last.map(String.init) ?? name
    }

    private static func match(_ name: String, _ names: FileNameIndex) -> FileNameIndex.Match? {
        let path = plain(name)
        let last = fileName(name)
        // A storage's path begins somewhere else than the folder: the longest end of it that is there is meant.
        let folders = path.split(separator: "/")
        for start in folders.indices.dropLast() {
            let end = folders[start...].joined(separator: "/")
            if names.contains(end) { return FileNameIndex.Match(path: end) }
        }
        if let match = names.match(path) ?? names.match(last) ?? names.match("/" + last) { return match }
        // Uploads get eight hexadecimal digits in front.
        let parts = last.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, parts[0].count == 8, parts[0].allSatisfy(\.isHexDigit) else { return nil }
        return names.match(String(parts[1])) ?? names.match("/" + String(parts[1]))
    }

    // MARK: Results

    private static func value(of result: JSONValue) -> JSONValue { result["value"] ?? result }

    private static func label(of result: JSONValue) -> String? {
        let value = value(of: result)
        return labelKeys.lazy.compactMap { value[$0]?.array?.first?.string }.first
    }

    private static func size(of result: JSONValue) -> (height: Int, width: Int)? {
        guard let height = result["original_height"]?.int, let width = result["original_width"]?.int else { return nil }
        return (height, width)
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        var sheet = LabelSheet(of: images[index], at: index, path: list.path)
        guard let task = try? list.element(at: places[index]) else { return sheet.finish(report) }
        for (at, result) in Self.results(of: task, options).list.enumerated() {
            add(result, "result[\(at)]", to: &sheet, height: height, width: width)
        }
        return sheet.finish(report)
    }

    private func add(_ result: JSONValue, _ place: String, to sheet: inout LabelSheet, height: Int, width: Int) {
        let value = Self.value(of: result)
        guard let label = Self.label(of: result), let category = ids[label] else {
            let kind = result["type"]?.string ?? "result"
            sheet.note(LabelRule.ignoredPart, .note, keyPath: place, "a \(kind) without a class is ignored")
            return
        }
        if let turn = result["image_rotation"]?.double, turn != 0 {
            sheet.drop(LabelRule.badValue, keyPath: place, "was drawn on an image turned by \(turn) degrees")
            return
        }
        let (w, h) = (Double(width) / 100, Double(height) / 100)
        func bad(_ what: String) { sheet.drop(LabelRule.badValue, keyPath: place, what) }
        let extra =
            (value["score"] ?? result["score"]).flatMap { $0.double }.map { [RawMember("score", .number($0))] } ?? []
        func numbers(_ keys: String...) -> [Double]? {
            let numbers = keys.compactMap { value[$0]?.double }
            return numbers.count == keys.count ? numbers : nil
        }
        let turn = value["rotation"]?.double ?? 0
        if let points = value["points"]?.array {
            let ring = points.flatMap { $0.array?.compactMap(\.double) ?? [] }
            guard points.count >= 3, ring.count == 2 * points.count else {
                return bad("a polygon has three points or more")
            }
            sheet.add(
                category: category,
                segmentation: .polygons([ring.enumerated().map { $1 * ($0 % 2 == 0 ? w : h) }]), extra: extra)
        } else if let stream = value["rle"]?.array {
            let bytes = stream.compactMap { $0.int.flatMap { UInt8(exactly: $0) } }
            if let size = Self.size(of: result), size != (height, width) {
                sheet.drop(
                    LabelRule.sizeMismatch, keyPath: place,
                    "the mask is \(size.width) x \(size.height), the image \(width) x \(height)")
                return
            }
            guard bytes.count == stream.count else { return bad("the mask's bytes are not numbers from 0 to 255") }
            do throws(BrushCodec.Failure) {
                sheet.add(
                    category: category, mask: try BrushCodec.mask(bytes, height: height, width: width), extra: extra)
            } catch {
                sheet.drop(LabelRule.unreadable, keyPath: place, error.message)
            }
        } else if let box = numbers("x", "y", "width", "height") {
            let pixels = Box(x: box[0] * w, y: box[1] * h, width: box[2] * w, height: box[3] * h)
            guard pixels.width > 0, pixels.height > 0 else { return bad("the rectangle has no area") }
            if turn == 0 {
                sheet.add(category: category, segmentation: nil, box: pixels, extra: extra)
            } else {
                // Turned around its upper left corner.
                sheet.add(
                    category: category,
                    segmentation: .polygons([
                        ShapeOutlines.rectangle(pixels, degrees: turn, pivot: (pixels.x, pixels.y))
                    ]), extra: extra)
            }
        } else if let ellipse = numbers("x", "y", "radiusX", "radiusY") {
            guard ellipse[2] > 0, ellipse[3] > 0 else { return bad("the ellipse has no area") }
            sheet.add(
                category: category,
                segmentation: .polygons([
                    ShapeOutlines.ellipse(
                        x: ellipse[0] * w, y: ellipse[1] * h, radiusX: ellipse[2] * w, radiusY: ellipse[3] * h,
                        degrees: turn)
                ]), extra: extra)
        } else {
            sheet.drop(
                LabelRule.shapeKind, keyPath: place, "the result has neither points, a rectangle, an ellipse nor a mask"
            )
        }
    }
}
