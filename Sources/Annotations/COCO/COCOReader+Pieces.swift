private import JSONText
internal import Runtime

/// Long lists, read by several workers at once.
///
/// What the visitor is told does not depend on the workers, nor on where the list is cut: a piece counts only when the
/// list's elements, followed from the first one, come to its start; what lies between is read here. What cannot be told
/// apart from the middle of a list (an error, an index, a line) is settled here, too.
extension COCOReader {
    /// Sizes of a piece that are read of one that is longer.
    private static let longestPiece = 4
    /// Pieces that could not go into parts before all others are kept element by element.
    private static let mostSpoiltParts = 8

    static func visit<Visitor: COCOVisitor>(
        _ pieces: COCOPieces, of list: COCOSection, in text: COCOText, _ decoder: inout COCOElementDecoder,
        _ visitor: inout Visitor, passed: (Int) -> Void
    ) throws {
        let emptyPart = list == .annotations && !text.passesAnnotations ? visitor.emptyPart() : nil
        let limit = pieces.size * longestPiece
        let spoilt = SpoiltParts(most: mostSpoiltParts)
        var goesOn = true
        try Workers.inOrder(
            pieces, window: 2 * Workers.count, state: { text.decoder() },
            produce: { piece, decoder in
                COCOPieceReading(
                    piece, atMost: limit, of: list, into: spoilt.areTooMany ? nil : emptyPart, &decoder)
            },
            consume: { (reading: COCOPieceReading<Visitor.Part>) in
                let here = decoder.parser.offset
                guard reading.piece.end > here else { return true }
                if reading.piece.start > here {
                    goesOn = try visit(list, before: reading.piece.start, &decoder, &visitor, passed: passed)
                    guard goesOn else { return false }
                }
                guard decoder.parser.offset == reading.piece.start else { return true }
                if case .failure = reading.end {
                    if emptyPart != nil { spoilt.note() }
                    goesOn = try visit(list, before: reading.piece.end, &decoder, &visitor, passed: passed)
                } else {
                    goesOn = try deliver(reading, of: list, &decoder, &visitor)
                    passed(decoder.parser.offset)
                }
                return goesOn
            })
        if goesOn { _ = try visit(list, before: .max, &decoder, &visitor, passed: passed) }
    }

    /// Tells the visitor what was read of a piece, which starts at the decoder's place, and moves the decoder behind it.
    ///
    /// - Returns: whether the list goes on.
    private static func deliver<Visitor: COCOVisitor>(
        _ reading: COCOPieceReading<Visitor.Part>, of list: COCOSection, _ decoder: inout COCOElementDecoder,
        _ visitor: inout Visitor
    ) throws -> Bool {
        let lines = decoder.parser.position(at: decoder.parser.offset).line
        let first = decoder.index + 1
        if let part = reading.part { try visitor.take(part, linesBefore: lines) }
        var findings = reading.findings[...]
        for (index, element) in reading.elements.enumerated() {
            var dropped: COCOSection?
            switch element {
            case .image(var image):
                image.origin.position?.line += lines
                try visitor.visit(image)
            case .annotation(var annotation):
                annotation.origin.position?.line += lines
                try visitor.visit(annotation)
            case .place(let place): try visitor.visit(place)
            case .category(var category):
                category.origin.position?.line += lines
                try visitor.visit(category)
            case .dropped: dropped = list
            }
            guard let found = findings.first, found.index == index else { continue }
            findings.removeFirst()
            for labelFinding in LabelFinding.about(found.findings, dropped: dropped) {
                var finding = labelFinding.finding
                finding.location.line? += lines
                finding.location.keyPath = finding.location.keyPath.map {
                    moved($0, from: "\(list.rawValue)[\(index)]", to: "\(list.rawValue)[\(first + index)]")
                }
                try visitor.report(finding, dropped: labelFinding.dropped)
            }
        }
        switch reading.end {
        case .element(let offset, let line):
            decoder.enter(list, at: offset, line: lines + line, index: first + reading.count)
            return true
        case .list(let offset, let line):
            decoder.leaveList(at: offset, line: lines + line)
            return false
        case .failure: preconditionFailure("a piece that was not read")
        }
    }

    /// A path of keys with another index of its element.
    private static func moved(_ path: String, from old: String, to new: String) -> String {
        path.hasPrefix(old) ? new + path.dropFirst(old.count) : path
    }
}
