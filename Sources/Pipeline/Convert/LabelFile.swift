internal import Annotations
private import JSONText
internal import Runtime

/// A COCO file, mapped, from which single annotations are read by their place.
struct LabelFile: Sendable {
    let path: String
    private let file: MappedFile

    /// About the bytes of an element.
    private static let elementBytes = 1 << 10

    /// - Throws: `FileError`.
    init(path: String) throws(FileError) {
        self.path = path
        file = try MappedFile(path: path, access: .random)
    }

    /// What is said, beside name and size, of the image at a place that a scan of the same file noted.
    ///
    /// - Throws: `AnnotationError` when the file was changed in between.
    func imageMembers(at offset: Int) throws -> [RawMember] {
        try file.withBytes(reading: offset..<offset + Self.elementBytes) {
            try COCOReader.imageMembers(in: $0, at: offset)
        }
    }

    /// The annotation at a place that a scan of the same file noted; nil where the scan dropped it.
    ///
    /// - Throws: `AnnotationError` when the file was changed in between.
    func annotation(at place: LabelTable.AnnotationPlace) throws -> COCOAnnotation? {
        var annotation = try file.withBytes(reading: place.offset..<place.offset + Self.elementBytes) { bytes in
            try COCOReader.annotation(in: bytes, at: place.offset, path: path)
        }
        annotation?.origin = DataOrigin(
            path: path, position: TextPosition(byteOffset: place.offset, line: Int(place.line)))
        return annotation
    }
}
