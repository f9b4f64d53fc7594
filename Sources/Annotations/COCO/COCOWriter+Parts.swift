private import JSONText
private import Runtime

extension COCOWriter {
    /// Writes a data set whose annotations are held in memory a part at a time, atomically; the bytes are those that
    /// ``write(_:to:)`` gives of the whole.
    ///
    /// - Parameters:
    ///   - head: everything but the annotations; its own come first.
    ///   - parts: number of parts.
    ///   - annotations: gives the annotations of a part; called once for each, in order.
    /// - Throws: `FileError.write`, and what `annotations` throws.
    package static func write(
        _ head: COCODataset, parts: Int, to path: String, annotations: (Int) throws -> [COCOAnnotation]
    ) throws {
        let file = try AtomicFileWriter(path: path)
        var writer = JSONWriter(layout: .lines)
        writer.beginObject()
        for section in head.sections where COCOSection(rawValue: section.name) == nil {
            section.write(to: &writer)
            try writer.flush(to: file, above: bufferBytes)
        }
        try writeList(.categories, head.categories, &writer, file) { write($0, to: &$1) }
        try writeList(.images, head.images, &writer, file) { write($0, to: &$1) }
        writer.key(COCOSection.annotations.rawValue)
        writer.beginArray(layout: .lines)
        for part in -1..<parts {
            for annotation in part < 0 ? head.annotations : try annotations(part) {
                write(annotation, to: &writer)
                try writer.flush(to: file, above: bufferBytes)
            }
        }
        writer.endArray()
        writer.endObject()
        writer.finish()
        try writer.flush(to: file)
        try file.commit()
    }
}
