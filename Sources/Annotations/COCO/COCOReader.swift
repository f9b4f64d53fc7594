private import JSONText
package import Runtime

/// Reads COCO instance files (also LVIS, and what tools have made of the format), leniently and in one pass.
///
/// `images`, `annotations` and `categories` are never held as a JSON tree: one element is read, handed over, and its
/// pages are given back, so memory does not grow with the file. What is wrong with an element becomes a finding with
/// byte and line (rules in ``COCORule``); only a file that is not JSON, is cut off, or is no data set at all throws.
package enum COCOReader {
    /// Bytes after which pages already read are given back.
    private static let discardStep = 16 << 20

    /// Visits every element of the file at `path`.
    ///
    /// - Parameter passesAnnotations: of annotations only the places are visited, several times as fast; what is wrong with
    ///   them, malformed text included, shows when they are read there by ``annotation(in:at:path:report:)``.
    /// - Throws: `FileError`, `AnnotationError`, and what the visitor throws.
    package static func scan(
        path: String, passesAnnotations: Bool = false, _ visitor: inout some COCOVisitor
    ) throws {
        let file = try MappedFile(path: path)
        var discarded = 0
        try file.withBytes { bytes in
            try scan(bytes, path: path, passesAnnotations: passesAnnotations, &visitor) { offset in
                guard offset - discarded >= discardStep else { return }
                file.discard(before: offset)
                discarded = offset
            }
        }
    }

    /// Visits every element of a text in memory.
    package static func scan(
        _ bytes: UnsafeRawBufferPointer, path: String? = nil, _ visitor: inout some COCOVisitor
    ) throws {
        try scan(bytes, path: path, &visitor) { _ in }
    }

    /// Reads a whole file.
    package static func read(path: String) throws -> (dataset: COCODataset, findings: [Finding]) {
        var collector = Collector()
        try scan(path: path, &collector)
        return (collector.dataset, collector.findings)
    }

    /// Reads a whole file from memory.
    package static func read(
        _ bytes: [UInt8], path: String? = nil
    ) throws -> (dataset: COCODataset, findings: [Finding]) {
        var collector = Collector()
        try bytes.withUnsafeBytes { try scan($0, path: path, &collector) }
        return (collector.dataset, collector.findings)
    }

    private struct Collector: COCOVisitor {
        var dataset = COCODataset()
        var findings: [Finding] = []

        mutating func visit(_ image: COCOImage) { dataset.images.append(image) }
        mutating func visit(_ annotation: COCOAnnotation) { dataset.annotations.append(annotation) }
        mutating func visit(_ category: COCOCategory) { dataset.categories.append(category) }
        mutating func visit(section: RawMember) { dataset.sections.append(section) }
        mutating func report(_ finding: Finding, dropped: COCOSection?) { findings.append(finding) }
    }

    // MARK: The pass

    /// - Parameter passed: told the offset before which nothing is needed again.
    private static func scan(
        _ bytes: UnsafeRawBufferPointer, path: String?, passesAnnotations: Bool = false,
        _ visitor: inout some COCOVisitor, passed: (Int) -> Void
    ) throws {
        var decoder = COCOElementDecoder(bytes, path: path)
        decoder.passesAnnotations = passesAnnotations
        var seen: [String: Int] = [:]
        while let section = try attempt(&decoder, { decoder throws(JSONError) in try decoder.nextSection() }) {
            if let first = seen.updateValue(section.offset, forKey: section.name) {
                throw AnnotationError(
                    .structure, at: decoder.parser.location(at: section.offset),
                    "the key \"\(section.name)\" stands twice at the top level, first at byte \(first)")
            }
            switch section.content {
            case .other(let member): try visitor.visit(section: member)
            case .list(let list): try visit(list, &decoder, &visitor, passed: passed)
            }
            passed(decoder.parser.offset)
        }
        decoder.noteMissing(Set(COCOSection.allCases.map(\.rawValue)).subtracting(seen.keys))
        for finding in decoder.takeFindings() { try visitor.report(finding, dropped: nil) }
    }

    /// Visits the elements of the list that the decoder has entered.
    private static func visit(
        _ section: COCOSection, _ decoder: inout COCOElementDecoder, _ visitor: inout some COCOVisitor,
        passed: (Int) -> Void
    ) throws {
        while let element = try attempt(&decoder, { decoder throws(JSONError) in try decoder.nextElement() }) {
            var isDropped = false
            switch element {
            case .image(let image): try visitor.visit(image)
            case .annotation(let annotation): try visitor.visit(annotation)
            case .place(let place): try visitor.visit(place)
            case .category(let category): try visitor.visit(category)
            case .dropped: isDropped = true
            }
            if decoder.hasFindings {
                for finding in decoder.takeFindings() {
                    try visitor.report(finding, dropped: isDropped && finding.severity == .error ? section : nil)
                }
            }
            passed(decoder.parser.offset)
        }
    }

    /// Runs a step of the decoder; a malformed text becomes an error of the file, with the element it is in.
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
