private import JSONText
package import Runtime

extension COCOReader {
    /// The annotation that starts at `offset` of a text which a scan has been over; nil where the scan dropped it.
    ///
    /// For a second visit to single annotations, so that the first need not keep them. Its line is not known here.
    ///
    /// - Parameter report: told what is wrong with it; of no use where the scan has read annotations, and said it.
    /// - Throws: `AnnotationError` when no annotation starts there.
    package static func annotation(
        in bytes: UnsafeRawBufferPointer, at offset: Int, path: String? = nil, report: (Finding) -> Void = { _ in }
    ) throws -> COCOAnnotation? {
        precondition((0...bytes.count).contains(offset), "offset \(offset) of \(bytes.count) bytes")
        let element = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        var decoder = COCOElementDecoder(element, path: path, section: .annotations)
        do throws(JSONError) {
            var annotation = try decoder.annotation()
            annotation?.origin = DataOrigin(
                path: path, position: TextPosition(byteOffset: offset, line: TextPosition.unknownLine))
            for var finding in decoder.hasFindings ? decoder.takeFindings() : [] {
                finding.location.byteOffset = finding.location.byteOffset.map { $0 + offset }
                finding.location.line = nil
                report(finding)
            }
            return annotation
        } catch {
            throw AnnotationError(error, in: "annotation at byte \(offset)")
        }
    }
}
