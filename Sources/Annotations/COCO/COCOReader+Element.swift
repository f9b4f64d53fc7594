private import JSONText
package import Runtime

extension COCOReader {
    /// The annotation that starts at `offset` of a text which a scan has been over; nil where the scan dropped it.
    ///
    /// For a second visit to single annotations, so that the first need not keep them; ``COCOAnnotationReader`` makes many.
    /// Its line is not known here.
    ///
    /// - Parameter report: told what is wrong with it; of no use where the scan has read annotations, and said it.
    /// - Throws: `AnnotationError` when no annotation starts there.
    package static func annotation(
        in bytes: UnsafeRawBufferPointer, at offset: Int, path: String? = nil, report: (Finding) -> Void = { _ in }
    ) throws -> COCOAnnotation? {
        try annotation(in: bytes, at: offset, path: path, regular: nil, report: report)
    }

    /// The members beyond COCO's own of the image that starts at `offset` of a text which a scan has been over.
    ///
    /// - Throws: `AnnotationError` when no image starts there.
    package static func imageMembers(in bytes: UnsafeRawBufferPointer, at offset: Int) throws -> [RawMember] {
        precondition((0...bytes.count).contains(offset), "offset \(offset) of \(bytes.count) bytes")
        let element = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        var decoder = COCOElementDecoder(element, path: nil, section: .images)
        do throws(JSONError) {
            return try decoder.image()?.extra ?? []
        } catch {
            throw AnnotationError(error, in: "image at byte \(offset)")
        }
    }

    /// - Parameter regular: what was learnt of the annotations read before, if any were.
    static func annotation(
        in bytes: UnsafeRawBufferPointer, at offset: Int, path: String?, regular: COCORegularElements?,
        report: (Finding) -> Void
    ) throws -> COCOAnnotation? {
        precondition((0...bytes.count).contains(offset), "offset \(offset) of \(bytes.count) bytes")
        let element = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        var decoder = COCOElementDecoder(element, path: path, section: .annotations)
        decoder.regular = regular
        do throws(JSONError) {
            var annotation = decoder.blankAnnotation
            let isUsable = try decoder.readAnnotation(into: &annotation)
            for var finding in decoder.hasFindings ? decoder.takeFindings() : [] {
                finding.location.byteOffset = finding.location.byteOffset.map { $0 + offset }
                finding.location.line = nil
                report(finding)
            }
            guard isUsable else { return nil }
            annotation.origin.position = TextPosition(byteOffset: offset, line: TextPosition.unknownLine)
            return annotation
        } catch {
            throw AnnotationError(error, in: "annotation at byte \(offset)")
        }
    }
}

/// Reads single annotations of a text which a scan has been over, one after the other, in less time than
/// ``COCOReader/annotation(in:at:path:report:)`` does and with the same result: it learns how the text writes them.
///
/// `@unchecked Sendable`: it may go from thread to thread; whoever has it is the only one to use it.
package final class COCOAnnotationReader: @unchecked Sendable {
    private let regular = COCORegularElements()
    /// A copy that no other thread counts references to.
    private let path: String?

    /// - Parameter path: the text's file, for messages.
    package init(path: String? = nil) { self.path = path.map { String(decoding: Array($0.utf8), as: UTF8.self) } }

    /// As of ``COCOReader/annotation(in:at:path:report:)``.
    package func annotation(
        in bytes: UnsafeRawBufferPointer, at offset: Int, report: (Finding) -> Void = { _ in }
    ) throws -> COCOAnnotation? {
        try COCOReader.annotation(in: bytes, at: offset, path: path, regular: regular, report: report)
    }
}
