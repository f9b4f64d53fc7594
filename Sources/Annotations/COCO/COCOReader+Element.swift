private import JSONText

extension COCOReader {
    /// The annotation that starts at `offset` of a text which a scan has been over; nil where the scan dropped it.
    ///
    /// For a second visit to single annotations, so that the first need not keep them. Findings were reported by the
    /// scan; the origin's line is not known here.
    /// - Throws: `AnnotationError` when no annotation starts there.
    package static func annotation(
        in bytes: UnsafeRawBufferPointer, at offset: Int, path: String? = nil
    ) throws -> COCOAnnotation? {
        precondition((0...bytes.count).contains(offset), "offset \(offset) of \(bytes.count) bytes")
        let element = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        var decoder = COCOElementDecoder(element, path: path, section: .annotations)
        do throws(JSONError) {
            return try decoder.annotation()
        } catch {
            throw AnnotationError(error, in: "annotation at byte \(offset)")
        }
    }
}
