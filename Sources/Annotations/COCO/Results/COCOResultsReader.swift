private import JSONText
package import Masks
package import Runtime

/// Reads COCO results files (what `COCO.loadRes` reads: a list of predicted objects), leniently and in one pass.
///
/// Nothing is held: one result is read and handed over. Its segmentation is only passed, and read by a second visit. A
/// whole data set whose annotations have scores is taken, too; its images have ids of their own, and are told by their
/// files' names.
package enum COCOResultsReader {
    /// Visits every result of a text.
    ///
    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - path: the text's file, for messages.
    ///   - named: told of each image of a data set the id that its results have, and the name of its file.
    ///   - passed: told now and then the offset before which nothing is needed again.
    ///   - visit: gets the result, nil for one that cannot be used, and what is wrong with it.
    /// - Throws: `AnnotationError` for what is not JSON or no list of results, and what `visit` throws.
    package static func scan(
        _ bytes: UnsafeRawBufferPointer, path: String? = nil,
        named: (_ imageID: COCOIdentifier, _ fileName: String) -> Void = { _, _ in },
        passed: (Int) -> Void = { _ in },
        _ visit: (_ result: COCOResult?, _ findings: [Finding]) throws -> Void
    ) throws {
        var decoder = COCOElementDecoder(bytes, path: path)
        try attempt(&decoder) { decoder throws(JSONError) in try decoder.beginResults() }
        while try attempt(&decoder, { decoder throws(JSONError) in try decoder.nextResult() }) {
            let result = try attempt(&decoder) { decoder throws(JSONError) in try decoder.result() }
            try visit(result, decoder.hasFindings ? decoder.takeFindings() : [])
            passed(decoder.parser.offset)
        }
        if decoder.hasFindings { try visit(nil, decoder.takeFindings()) }
        for (id, fileName) in decoder.resultImages { named(id, fileName) }
    }

    /// The segmentation at a place where a scan found one.
    ///
    /// - Parameter bytes: the whole text.
    /// - Returns: nil when it cannot be understood, and what is wrong with it, with places in the text.
    /// - Throws: `AnnotationError` when no value stands there.
    package static func segmentation(
        in bytes: UnsafeRawBufferPointer, at place: Range<Int>, path: String? = nil
    ) throws -> (segmentation: Segmentation?, findings: [Finding]) {
        precondition(
            place.lowerBound >= 0 && place.upperBound <= bytes.count, "bytes \(place) of \(bytes.count)")
        var decoder = COCOElementDecoder(UnsafeRawBufferPointer(rebasing: bytes[place]), path: path)
        decoder.resultsKey = ""
        var holder = COCOAnnotation(
            id: 0, imageID: 0, categoryID: 0, segmentation: nil, bbox: nil, area: nil, crowdFlag: nil)
        try attempt(&decoder) { decoder throws(JSONError) in
            _ = try decoder.segmentation("segmentation", of: &holder)
        }
        let findings = decoder.takeFindings().map { finding in
            var finding = finding
            finding.location.byteOffset = finding.location.byteOffset.map { $0 + place.lowerBound }
            finding.location.line = nil
            return finding
        }
        return (holder.segmentation, findings)
    }

    /// The mask at a place where a scan found a segmentation, when it is compressed run lengths in their plainest form and
    /// of the image's size; nil for all others, which ``segmentation(in:at:path:)`` reads.
    package static func compressedMask(
        in bytes: UnsafeRawBufferPointer, at place: Range<Int>, height: Int, width: Int
    ) -> RLE? {
        if let plain = PlainMaskText(bytes, place) {
            guard plain.height == height, plain.width == width else { return nil }
            return try? RLE(height: height, width: width, compressed: plain.counts)
        }
        var parser = JSONPullParser(UnsafeRawBufferPointer(rebasing: bytes[place]))
        do {
            guard try parser.peekKind() == .object else { return nil }
            try parser.beginObject()
            var hasSize = false
            var counts: JSONKey?
            while let key = try parser.nextKey() {
                switch maskKeys.index(of: key, in: &parser) {
                case 0 where !hasSize:
                    try parser.beginArray()
                    guard try parser.nextElement(), try parser.readNumber().integer == Int64(height),
                        try parser.nextElement(), try parser.readNumber().integer == Int64(width),
                        try !parser.nextElement()
                    else { return nil }
                    hasSize = true
                case 1 where counts == nil:
                    guard try parser.peekKind() == .string else { return nil }
                    counts = try parser.readStringToken()
                default: return nil
                }
            }
            guard hasSize, let counts else { return nil }
            if counts.isPlain { return try RLE(height: height, width: width, compressed: parser.raw(counts.range)) }
            return try RLE(height: height, width: width, compressed: parser.bytes(of: counts))
        } catch {
            return nil
        }
    }

    private static let maskKeys = JSONKeyTable(["size", "counts"])

    @discardableResult
    private static func attempt<Result>(
        _ decoder: inout COCOElementDecoder, _ step: (inout COCOElementDecoder) throws(JSONError) -> Result
    ) throws(AnnotationError) -> Result {
        do throws(JSONError) {
            return try step(&decoder)
        } catch {
            throw AnnotationError(error, in: decoder.elementPath)
        }
    }
}
