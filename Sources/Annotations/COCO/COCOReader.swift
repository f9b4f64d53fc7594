internal import JSONText
package import Runtime

/// Reads COCO instance files (also LVIS, and what tools have made of the format), leniently and in one pass.
///
/// `images`, `annotations` and `categories` are never held as a JSON tree: one element is read, handed over, and its
/// pages are given back, so memory does not grow with the file. What is wrong with an element becomes a finding with
/// byte and line (rules in ``COCORule``); only a file that is not JSON, is cut off, or is no data set at all throws.
package enum COCOReader {
    /// Bytes after which pages already read are given back.
    private static let discardStep = 16 << 20
    /// Bytes of a long list that a worker reads at a time: they and what is made of them fit its cache.
    package static let defaultPieceSize = 256 << 10

    /// Visits every element of the file at `path`.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - passesAnnotations: of annotations only the places are visited, several times as fast; what is wrong with them,
    ///     malformed text included, shows when they are read there by ``annotation(in:at:path:report:)``.
    ///   - pieceSize: bytes of a long list that a worker reads at a time.
    ///   - visitor: gets the elements.
    /// - Throws: `FileError`, `AnnotationError`, and what the visitor throws.
    package static func scan(
        path: String, passesAnnotations: Bool = false, pieceSize: Int = defaultPieceSize,
        _ visitor: inout some COCOVisitor
    ) throws {
        let file = try MappedFile(path: path)
        var discarded = 0
        try file.withBytes { bytes in
            let text = COCOText(
                bytes: bytes, path: path, passesAnnotations: passesAnnotations, pieceSize: pieceSize)
            try scan(text, &visitor) { offset in
                guard offset - discarded >= discardStep else { return }
                // Not from the start: page tables of what is gone would be walked again and again.
                file.discard(discarded..<offset)
                discarded = offset
            }
        }
    }

    /// Visits every element of a text in memory.
    ///
    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - path: the text's file, for messages.
    ///   - passesAnnotations: see ``scan(path:passesAnnotations:pieceSize:_:)``.
    ///   - pieceSize: bytes of a long list that a worker reads at a time.
    ///   - memberByMember: read every element key by key: slower, with the same result.
    ///   - visitor: gets the elements.
    package static func scan(
        _ bytes: UnsafeRawBufferPointer, path: String? = nil, passesAnnotations: Bool = false,
        pieceSize: Int = defaultPieceSize, memberByMember: Bool = false, _ visitor: inout some COCOVisitor
    ) throws {
        var text = COCOText(
            bytes: bytes, path: path, passesAnnotations: passesAnnotations, pieceSize: pieceSize)
        text.readsMemberByMember = memberByMember
        try scan(text, &visitor) { _ in }
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
        _ text: COCOText, _ visitor: inout some COCOVisitor, passed: (Int) -> Void
    ) throws {
        var decoder = text.decoder()
        var seen: [String: Int] = [:]
        while let section = try attempt(&decoder, { decoder throws(JSONError) in try decoder.nextSection() }) {
            if let first = seen.updateValue(section.offset, forKey: section.name) {
                throw AnnotationError(
                    .structure, at: decoder.parser.location(at: section.offset),
                    "the key \"\(section.name)\" stands twice at the top level, first at byte \(first)")
            }
            switch section.content {
            case .other(let member): try visitor.visit(section: member)
            case .list(let list):
                if try attempt(&decoder, { decoder throws(JSONError) in try decoder.hasNextElement() }) {
                    try visit(list, in: text, &decoder, &visitor, passed: passed)
                }
            }
            passed(decoder.parser.offset)
        }
        decoder.noteMissing(Set(COCOSection.allCases.map(\.rawValue)).subtracting(seen.keys))
        for finding in decoder.takeFindings() { try visitor.report(finding, dropped: nil) }
    }

    /// Visits the elements of a list from the one at the cursor on.
    private static func visit(
        _ list: COCOSection, in text: COCOText, _ decoder: inout COCOElementDecoder, _ visitor: inout some COCOVisitor,
        passed: (Int) -> Void
    ) throws {
        // What the key before the list has left is for the first element.
        if !decoder.parser.sawLoneSurrogate, let pieces = text.pieces(of: list, from: decoder.parser.offset) {
            try visit(pieces, of: list, in: text, &decoder, &visitor, passed: passed)
        } else {
            _ = try visit(list, before: .max, &decoder, &visitor, passed: passed)
        }
    }

    /// Visits the elements of a list from the one at the cursor up to the first that starts at `limit` or later.
    ///
    /// - Returns: whether there is such a one, the cursor then before it; at the list's end, which is passed, false.
    static func visit(
        _ list: COCOSection, before limit: Int, _ decoder: inout COCOElementDecoder, _ visitor: inout some COCOVisitor,
        passed: (Int) -> Void
    ) throws -> Bool {
        let hasAnnotations = list == .annotations && !decoder.passesAnnotations
        var annotation = decoder.blankAnnotation
        decoder.reusesRings = visitor.emptyPart() != nil
        repeat {
            var isDropped = false
            if hasAnnotations {
                decoder.index += 1
                let isRead = try attempt(&decoder) { decoder throws(JSONError) in
                    try decoder.readAnnotation(into: &annotation)
                }
                if isRead { try visitor.visit(annotation) }
                isDropped = !isRead
            } else {
                switch try attempt(&decoder, { decoder throws(JSONError) in try decoder.element() }) {
                case .image(let image): try visitor.visit(image)
                case .annotation(let annotation): try visitor.visit(annotation)
                case .place(let place): try visitor.visit(place)
                case .category(let category): try visitor.visit(category)
                case .dropped: isDropped = true
                }
            }
            if decoder.hasFindings { try report(&decoder, &visitor, dropped: isDropped ? list : nil) }
            passed(decoder.parser.offset)
            guard try attempt(&decoder, { decoder throws(JSONError) in try decoder.hasNextElement() }) else {
                return false
            }
        } while decoder.parser.offset < limit
        return true
    }

    /// Reports what was found about an element.
    ///
    /// - Parameter dropped: the list that the element is in, when it could not be handed over.
    private static func report(
        _ decoder: inout COCOElementDecoder, _ visitor: inout some COCOVisitor, dropped: COCOSection?
    ) throws {
        for finding in LabelFinding.about(decoder.takeFindings(), dropped: dropped) {
            try visitor.report(finding.finding, dropped: finding.dropped)
        }
    }

    /// Runs a step of the decoder; a malformed text becomes an error of the file, with the element it is in.
    static func attempt<Result>(
        _ decoder: inout COCOElementDecoder, _ step: (inout COCOElementDecoder) throws(JSONError) -> Result
    ) throws(AnnotationError) -> Result {
        do throws(JSONError) {
            return try step(&decoder)
        } catch {
            throw AnnotationError(error, in: decoder.elementPath)
        }
    }
}
