internal import JSONText
internal import Runtime

/// What a worker made of a piece of a list.
///
/// Lines are counted from 0 at the piece's start, and indexes from 0 at its first element: what was before is not known
/// while the piece is read.
struct COCOPieceReading<Part: COCOAnnotationPart>: Sendable {
    /// Where the reading came to an end.
    enum End: Sendable {
        /// Before an element that is not the piece's any more.
        case element(offset: Int, line: Int)
        /// After the list's closing bracket.
        case list(offset: Int, line: Int)
        /// Nowhere: the text is malformed, or what was found cannot go into a part. The piece is to be read again.
        case failure
    }

    let piece: COCOPiece
    private(set) var count = 0
    /// The elements in order, where there is no part.
    private(set) var elements: [COCOElementDecoder.Element] = []
    /// What is wrong with an element, by its index, in ascending order.
    private(set) var findings: [(index: Int, findings: [Finding])] = []
    private(set) var part: Part?
    private(set) var end = End.failure

    /// Reads a piece.
    ///
    /// - Parameters:
    ///   - piece: which; when its start is none of an element, the reading is of no use, and does no harm.
    ///   - limit: bytes after which no more elements are begun. Those begun are read over as much again: longer ones, or what
    ///     only seems to be one, are left to who follows the list, so that memory and time have a bound.
    ///   - part: an empty part that takes the annotations; nil to keep all elements.
    ///   - decoder: used for one piece after the other.
    init(
        _ piece: COCOPiece, atMost limit: Int, of list: COCOSection, into part: Part?,
        _ decoder: inout COCOElementDecoder
    ) {
        self.piece = piece
        self.part = part
        guard piece.hasElement else { return }
        decoder.enter(list, at: piece.start, line: 0, index: 0, end: piece.start + 2 * limit)
        _ = decoder.takeFindings()
        do throws(JSONError) {
            let isGood = part == nil ? try readElements(limit, &decoder) : try readPart(limit, &decoder)
            if isGood {
                count = decoder.index + 1
                let place = decoder.parser.position(at: decoder.parser.offset)
                end =
                    decoder.section == nil
                    ? .list(offset: place.byteOffset, line: place.line)
                    : .element(offset: place.byteOffset, line: place.line)
            }
        } catch {
            // Read again where the index is known, the text gives the same error with the right place.
            end = .failure
        }
        if case .failure = end {
            elements = []
            findings = []
            self.part = nil
        }
    }

    /// No more elements are made room for before they are read.
    private static var mostReserved: Int { 1 << 13 }

    private func stop(_ limit: Int) -> Int { min(piece.end, piece.start + limit) }

    private mutating func readElements(_ limit: Int, _ decoder: inout COCOElementDecoder) throws(JSONError) -> Bool {
        let stop = stop(limit)
        repeat {
            elements.append(try decoder.element())
            if decoder.hasFindings { findings.append((decoder.index, decoder.takeFindings())) }
            if elements.count == 1 {
                // About as many as are like the first: growing step by step, a long list is copied again and again.
                elements.reserveCapacity(
                    min((stop - piece.start) / max(1, decoder.parser.offset - piece.start) + 16, Self.mostReserved))
            }
        } while try decoder.hasNextElement() && decoder.parser.offset < stop
        return true
    }

    /// - Returns: false when something is wrong with an annotation.
    private mutating func readPart(_ limit: Int, _ decoder: inout COCOElementDecoder) throws(JSONError) -> Bool {
        let stop = stop(limit)
        guard var part = part else { preconditionFailure("there is no part to read into") }
        self.part = nil
        var annotation = decoder.blankAnnotation
        decoder.reusesRings = true
        defer { decoder.reusesRings = false }
        repeat {
            decoder.index += 1
            guard try decoder.readAnnotation(into: &annotation), !decoder.hasFindings else { return false }
            part.visit(annotation)
        } while try decoder.hasNextElement() && decoder.parser.offset < stop
        self.part = part
        return true
    }
}
