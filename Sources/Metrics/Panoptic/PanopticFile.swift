package import Annotations
private import JSONText
internal import Runtime

/// A COCO panoptic file: for each image a PNG with the ids of its segments, and what each of them is.
///
/// Memory grows by the images, some dozen bytes for each: the segments of an image are read when they are asked for.
package struct PanopticFile: Sendable {
    /// An entry of `annotations`.
    package struct Entry: Sendable, Hashable {
        package var imageID: COCOIdentifier
        /// Of the PNG, below the folder of PNGs.
        package var fileName: String
        /// Where the entry stands in the file.
        var place: Range<Int>
    }

    /// An element of `segments_info`.
    package struct Segment: Sendable, Hashable {
        package var id: UInt32
        package var categoryID: COCOIdentifier
        package var area: Int?
        package var isCrowd: Bool
    }

    package let path: String
    private var entryCount = 0
    package private(set) var entries: [Entry] = []
    /// Empty where the file has none, as predictions may.
    package private(set) var categories: [COCOCategory] = []
    private let file: MappedFile
    private var knownCategories: Set<COCOIdentifier> = []

    /// The text of one image's entry is no longer than this, so that a small file cannot ask for much memory.
    private static let maximumEntryBytes = 8 << 20

    /// - Parameter report: told of entries that cannot be used, and are left out.
    /// - Throws: `FileError`, and `AnnotationError` for what is not JSON or no panoptic file.
    package init(path: String, report: (LabelFinding) -> Void) throws {
        self.path = path
        file = try MappedFile(path: path)
        let file = file
        try file.withBytes { bytes in
            do throws(JSONError) {
                try read(bytes, report)
            } catch {
                throw AnnotationError(
                    error.code == .type ? .structure : error.code == .truncated ? .truncated : .syntax,
                    at: error.location, error.message)
            }
        }
    }

    /// Whether a class is of things (that can be counted) rather than stuff; a category that does not say is of stuff.
    package static func isThing(_ category: COCOCategory) -> Bool {
        guard let value = try? category.extra["isthing"]?.parsed() else { return false }
        return value.bool ?? (value.double == 1)
    }

    /// The segments of an entry.
    ///
    /// - Parameter report: told of segments that cannot be used, and are left out.
    package func segments(of entry: Entry, report: (LabelFinding) -> Void) -> [Segment] {
        file.withBytes { bytes in
            let tree: JSONValue
            do throws(JSONError) {
                tree = try JSONDocument.parse(
                    String(decoding: bytes[entry.place], as: UTF8.self), maximumBytes: Self.maximumEntryBytes)
            } catch {
                report(
                    finding(
                        "the segments cannot be read: \(error.message); they are left out",
                        at: entry.place.lowerBound, imageID: entry.imageID))
                return []
            }
            var seen: Set<UInt32> = []
            return (tree["segments_info"]?.array ?? []).enumerated().compactMap { index, value in
                guard let segment = Self.segment(value), seen.insert(segment.id).inserted else {
                    report(
                        finding(
                            "segment \(index) has no id of 1...16777215 of its own, or no category; it is left out",
                            at: entry.place.lowerBound, imageID: entry.imageID, in: .annotations,
                            element: "segments_info[\(index)]"))
                    return nil
                }
                return segment
            }
        }
    }

    private static func segment(_ value: JSONValue) -> Segment? {
        guard let number = value["id"]?.double, let id = UInt32(exactly: number), (1..<1 << 24).contains(id),
            let category = value["category_id"].flatMap(identifier)
        else { return nil }
        let crowd = value["iscrowd"]
        return Segment(
            id: id, categoryID: category, area: value["area"]?.double.flatMap { Int(exactly: $0) },
            isCrowd: crowd?.bool ?? (crowd?.double == 1))
    }

    private static func identifier(_ value: JSONValue) -> COCOIdentifier? {
        if let text = value.string { return .text(text) }
        return value.double.flatMap { Int64(exactly: $0) }.map { .integer($0) }
    }

    // MARK: Reading

    private mutating func read(_ bytes: UnsafeRawBufferPointer, _ report: (LabelFinding) -> Void) throws(JSONError) {
        var parser = JSONPullParser(bytes, path: path)
        let kind = try parser.peekKind()
        guard kind == .object else {
            throw parser.error(.type, at: parser.offset, "the file is not an object, as a panoptic file is")
        }
        try parser.beginObject()
        var hasAnnotations = false
        while let key = try parser.nextKey() {
            switch parser.name(of: key) {
            case "annotations":
                hasAnnotations = true
                try parser.beginArray()
                while try parser.nextElement() { try readEntry(&parser, report) }
            case "categories":
                try parser.beginArray()
                while try parser.nextElement() { try readCategory(&parser, report) }
            default: try parser.skipValue()
            }
        }
        try parser.finish()
        guard hasAnnotations else {
            throw parser.error(.type, at: 0, "the file has no list \"annotations\", one element an image")
        }
    }

    /// Reads what tells one entry from another; its segments are only passed.
    private mutating func readEntry(
        _ parser: inout JSONPullParser, _ report: (LabelFinding) -> Void
    ) throws(JSONError) {
        defer { entryCount += 1 }
        let element = "annotations[\(entryCount)]"
        guard try parser.peekKind() == .object else {
            report(finding("\(element) is not an object; it is left out", at: parser.offset, element: element))
            try parser.skipValue()
            return
        }
        let start = parser.offset
        var imageID: COCOIdentifier?
        var fileName: String?
        var hasSegments = false
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let kind = try parser.peekKind()
            switch (parser.name(of: key), kind) {
            case ("image_id", .number):
                let number = try parser.readNumber()
                imageID = number.exactInteger.map { .integer($0) }
            case ("image_id", .string): imageID = .text(try parser.readString())
            case ("file_name", .string): fileName = try parser.readString()
            case ("segments_info", .array):
                hasSegments = true
                try parser.skipValue()
            default: try parser.skipValue()
            }
        }
        guard let imageID, let fileName, hasSegments else {
            report(
                finding(
                    "\(element) has no \"image_id\", \"file_name\" or \"segments_info\"; it is left out", at: start,
                    imageID: imageID, element: element))
            return
        }
        entries.append(Entry(imageID: imageID, fileName: fileName, place: start..<parser.offset))
    }

    private mutating func readCategory(
        _ parser: inout JSONPullParser, _ report: (LabelFinding) -> Void
    ) throws(JSONError) {
        let range = try parser.skipValue()
        let text = String(decoding: parser.raw(range), as: UTF8.self)
        guard let tree = try? JSONDocument.parse(text), let id = tree["id"].flatMap(Self.identifier),
            knownCategories.insert(id).inserted
        else {
            let element = "categories[\(categories.count)]"
            report(
                finding(
                    "a category has no id of its own; it is left out", at: range.lowerBound, in: .categories,
                    element: element))
            return
        }
        let things = tree["isthing"].map { [RawMember("isthing", $0)] } ?? []
        categories.append(COCOCategory(id: id, name: tree["name"]?.string ?? "", extra: things))
    }

    /// - Parameters:
    ///   - section: what is lost: `images` with an entry, `annotations` with a segment.
    ///   - element: what is lost by its place, where it has no id of its own.
    private func finding(
        _ message: String, at offset: Int, imageID: COCOIdentifier? = nil, in section: COCOSection = .images,
        element: String? = nil
    ) -> LabelFinding {
        var location = DataLocation(path: path, byteOffset: offset, imageID: imageID?.description, keyPath: element)
        if section == .annotations, let imageID, let element { location.annotationID = "\(imageID)/\(element)" }
        return LabelFinding(
            Finding(rule: PredictionRule.panopticEntry, severity: .error, location: location, message: message),
            dropped: section)
    }
}
