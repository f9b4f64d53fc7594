private import JSONText
package import Runtime

/// Writes one COCO file element by element: memory does not grow with the set.
///
/// Images stand before annotations in the file, so both wait in files of their own until the set ends. The bytes are those of
/// ``COCOWriter/write(_:to:)``.
package struct COCOFileWriter {
    private let path: String
    private var images: TextSpool
    private var annotations: TextSpool

    /// - Throws: `FileError.write`.
    package init(path: String) throws(FileError) {
        self.path = path
        images = try TextSpool(path: path + ".images.part")
        annotations = try TextSpool(path: path + ".annotations.part")
    }

    package mutating func add(_ image: COCOImage) throws(FileError) {
        try images.add { COCOWriter.write(image, to: &$0) }
    }

    package mutating func add(_ annotation: COCOAnnotation) throws(FileError) {
        try annotations.add { COCOWriter.write(annotation, to: &$0) }
    }

    /// Puts the file in place.
    ///
    /// - Parameter sections: top-level members other than the three lists: `info`, `licenses`.
    package mutating func finish(sections: [RawMember], categories: [COCOCategory]) throws(FileError) {
        let file = try AtomicFileWriter(path: path)
        var writer = JSONWriter(layout: .lines)
        writer.beginObject()
        for section in sections where COCOSection(rawValue: section.name) == nil { section.write(to: &writer) }
        try COCOWriter.writeList(.categories, categories, &writer, file) { COCOWriter.write($0, to: &$1) }
        try writer.flush(to: file)
        try images.write(as: COCOSection.images.rawValue, to: file)
        try annotations.write(as: COCOSection.annotations.rawValue, to: file)
        try file.write("\n}\n")
        try file.commit()
    }
}
