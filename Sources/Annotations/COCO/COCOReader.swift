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
    /// - Throws: `FileError`, `AnnotationError`, and what the visitor throws.
    package static func scan(path: String, _ visitor: inout some COCOVisitor) throws {
        let file = try MappedFile(path: path)
        var discarded = 0
        try file.withBytes { bytes in
            try scan(bytes, path: path, &visitor) { offset in
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
        _ bytes: UnsafeRawBufferPointer, path: String?, _ visitor: inout some COCOVisitor, passed: (Int) -> Void
    ) throws {
        var decoder = COCOElementDecoder(JSONPullParser(bytes, path: path, acceptsNonFinite: true), path: path)
        if decoder.parser.hasByteOrderMark {
            decoder.note(
                COCORule.byteOrderMark, .warning, at: 0, "the file starts with a byte order mark; it is skipped")
        }
        var seen: [String: Int] = [:]
        while let (key, offset) = try wrapped(&decoder, { decoder throws(JSONError) in try decoder.nextSection() }) {
            if let first = seen.updateValue(offset, forKey: key.name) {
                throw AnnotationError(
                    .structure, at: decoder.parser.location(at: offset),
                    "the key \"\(key.name)\" stands twice at the top level, first at byte \(first)")
            }
            guard let section = COCOSection(rawValue: key.name) else {
                let member = try wrapped(&decoder) { decoder throws(JSONError) in try decoder.rawMember(key) }
                try visitor.visit(section: member)
                passed(decoder.parser.offset)
                continue
            }
            try visitSection(section, &decoder, &visitor, passed: passed)
        }
        try wrapped(&decoder) { decoder throws(JSONError) in try decoder.parser.finish() }
        for section in COCOSection.allCases where seen[section.rawValue] == nil {
            decoder.note(
                COCORule.missingSection, section == .categories ? .warning : .error, at: bytes.count,
                "the file has no list \"\(section.rawValue)\"")
        }
        try report(&decoder, dropped: nil, to: &visitor)
    }

    private static func visitSection(
        _ section: COCOSection, _ decoder: inout COCOElementDecoder, _ visitor: inout some COCOVisitor,
        passed: (Int) -> Void
    ) throws {
        let kind = try wrapped(&decoder) { decoder throws(JSONError) in try decoder.parser.peekKind() }
        guard kind == .array else {
            throw AnnotationError(
                .structure, at: decoder.parser.location(at: decoder.parser.offset),
                "\"\(section.rawValue)\" is \(kind.withArticle); a COCO file has a list there")
        }
        try wrapped(&decoder) { decoder throws(JSONError) in try decoder.parser.beginArray() }
        decoder.enter(section)
        while try wrapped(&decoder, { decoder throws(JSONError) in try decoder.nextElement() }) {
            let isRead: Bool
            switch section {
            case .images:
                let image = try wrapped(&decoder) { decoder throws(JSONError) in try decoder.image() }
                isRead = image != nil
                if let image { try visitor.visit(image) }
            case .annotations:
                let annotation = try wrapped(&decoder) { decoder throws(JSONError) in try decoder.annotation() }
                isRead = annotation != nil
                if let annotation { try visitor.visit(annotation) }
            case .categories:
                let category = try wrapped(&decoder) { decoder throws(JSONError) in try decoder.category() }
                isRead = category != nil
                if let category { try visitor.visit(category) }
            }
            try report(&decoder, dropped: isRead ? nil : section, to: &visitor)
            passed(decoder.parser.offset)
        }
        decoder.leave()
    }

    /// Runs a step of the decoder; a malformed text becomes an error of the file, with the element it is in.
    @inline(__always)
    private static func wrapped<Result>(
        _ decoder: inout COCOElementDecoder, _ step: (inout COCOElementDecoder) throws(JSONError) -> Result
    ) throws(AnnotationError) -> Result {
        do throws(JSONError) {
            return try step(&decoder)
        } catch {
            throw AnnotationError(error, in: decoder.elementPath)
        }
    }

    private static func report(
        _ decoder: inout COCOElementDecoder, dropped: COCOSection?, to visitor: inout some COCOVisitor
    ) throws {
        guard decoder.hasFindings else { return }
        for finding in decoder.takeFindings() {
            try visitor.report(finding, dropped: finding.severity == .error ? dropped : nil)
        }
    }
}
