internal import JSONText
private import Masks
package import Runtime

/// Writes COCO instance files: the same data set gives the same bytes.
///
/// One element a line; the sections kept as text first, then `categories`, `images`, `annotations`, so that a reader
/// that streams knows classes and images before it meets objects. Keys that samdata does not use stand after the others
/// as they were read. Numbers are the shortest texts that read back as the same number, integral ones spelled as in the
/// file they came from.
package enum COCOWriter {
    /// Text held before it goes to the file.
    static let bufferBytes = 1 << 20

    /// Writes a whole data set, atomically.
    ///
    /// - Throws: `FileError.write`.
    package static func write(_ dataset: COCODataset, to path: String) throws(FileError) {
        let file = try AtomicFileWriter(path: path)
        var writer = JSONWriter(layout: .lines)
        writer.beginObject()
        for section in dataset.sections where COCOSection(rawValue: section.name) == nil {
            section.write(to: &writer)
            try writer.flush(to: file, above: bufferBytes)
        }
        try writeList(.categories, dataset.categories, &writer, file) { write($0, to: &$1) }
        try writeList(.images, dataset.images, &writer, file) { write($0, to: &$1) }
        try writeList(.annotations, dataset.annotations, &writer, file) { write($0, to: &$1) }
        writer.endObject()
        writer.finish()
        try writer.flush(to: file)
        try file.commit()
    }

    static func writeList<Element>(
        _ section: COCOSection, _ elements: [Element], _ writer: inout JSONWriter, _ file: AtomicFileWriter,
        _ write: (Element, inout JSONWriter) -> Void
    ) throws(FileError) {
        writer.key(section.rawValue)
        writer.beginArray(layout: .lines)
        for element in elements {
            write(element, &writer)
            try writer.flush(to: file, above: bufferBytes)
        }
        writer.endArray()
    }

    // MARK: Elements

    /// An annotation on one line, as it stands in a file.
    package static func text(of annotation: COCOAnnotation) -> String {
        var writer = JSONWriter()
        write(annotation, to: &writer)
        writer.finish()
        return writer.text
    }

    static func write(_ category: COCOCategory, to writer: inout JSONWriter) {
        var written: Set = ["id"]
        writer.beginObject()
        write("id", category.id, to: &writer)
        if !category.name.isEmpty || category.extra["name"] == nil {
            writer.key("name")
            writer.string(category.name)
            written.insert("name")
        }
        if let supercategory = category.supercategory {
            writer.key("supercategory")
            writer.string(supercategory)
            written.insert("supercategory")
        }
        write(category.extra, except: written, to: &writer)
        writer.endObject()
    }

    static func write(_ image: COCOImage, to writer: inout JSONWriter) {
        var written: Set = ["id"]
        writer.beginObject()
        write("id", image.id, to: &writer)
        if !image.isFileNameDerived {
            writer.key("file_name")
            writer.string(image.fileName)
            written.insert("file_name")
        }
        for (key, pixels) in [("width", image.width), ("height", image.height)] {
            guard let pixels else { continue }
            writer.key(key)
            writer.integer(pixels)
            written.insert(key)
        }
        write(image.extra, except: written, to: &writer)
        writer.endObject()
    }

    static func write(_ annotation: COCOAnnotation, to writer: inout JSONWriter) {
        var written: Set = ["id", "image_id", "category_id"]
        writer.beginObject()
        write("id", annotation.id, to: &writer)
        write("image_id", annotation.imageID, to: &writer)
        write("category_id", annotation.categoryID, to: &writer)
        if let segmentation = annotation.segmentation {
            writer.key("segmentation")
            write(segmentation, annotation.spelling.segmentation, to: &writer)
            written.insert("segmentation")
        }
        if let area = annotation.area {
            writer.key("area")
            annotation.spelling.area.write(area, at: 0, to: &writer)
            written.insert("area")
        }
        if let bbox = annotation.bbox {
            writer.key("bbox")
            writer.beginArray()
            for (index, value) in [bbox.x, bbox.y, bbox.width, bbox.height].enumerated() {
                annotation.spelling.bbox.write(value, at: index, to: &writer)
            }
            writer.endArray()
            written.insert("bbox")
        }
        if let crowdFlag = annotation.crowdFlag {
            writer.key("iscrowd")
            writer.integer(crowdFlag ? 1 : 0)
            written.insert("iscrowd")
        }
        write(annotation.extra, except: written, to: &writer)
        writer.endObject()
    }

    private static func write(
        _ segmentation: Segmentation, _ spelling: NumberSpelling, to writer: inout JSONWriter
    ) {
        switch segmentation {
        case .polygons(let rings):
            var index = 0
            writer.beginArray()
            for ring in rings {
                writer.beginArray()
                for value in ring {
                    spelling.write(value, at: index, to: &writer)
                    index += 1
                }
                writer.endArray()
            }
            writer.endArray()
        case .runs(let height, let width, let counts):
            beginMask(height: height, width: width, to: &writer)
            writer.beginArray()
            for count in counts { writer.integer(count) }
            writer.endArray()
            writer.endObject()
        case .compressed(let height, let width, let bytes):
            beginMask(height: height, width: width, to: &writer)
            writer.string(String(decoding: bytes, as: UTF8.self))
            writer.endObject()
        }
    }

    private static func beginMask(height: Int, width: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("size")
        writer.beginArray()
        writer.integer(height)
        writer.integer(width)
        writer.endArray()
        writer.key("counts")
    }

    private static func write(_ key: String, _ id: COCOIdentifier, to writer: inout JSONWriter) {
        writer.key(key)
        switch id {
        case .integer(let value): writer.integer(value)
        case .number(let text): writer.raw(text.utf8)
        case .text(let text): writer.string(text)
        }
    }

    /// Members kept as text, but for those that the element has a value for by now.
    private static func write(_ extra: [RawMember], except written: Set<String>, to writer: inout JSONWriter) {
        for member in extra where !written.contains(member.name) { member.write(to: &writer) }
    }
}
