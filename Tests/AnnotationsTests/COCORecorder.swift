import Annotations
import JSONText
import Runtime

/// Writes down everything that a scan tells a visitor, in order.
struct COCORecorder: COCOVisitor {
    /// Annotations as lines of text, for a part.
    struct Part: COCOAnnotationPart {
        var annotations: [COCOAnnotation] = []
        mutating func visit(_ annotation: COCOAnnotation) { annotations.append(annotation) }
    }

    struct Refusal: Error {}

    let usesParts: Bool
    /// Events after which the visitor throws.
    var limit = Int.max
    private(set) var events: [String] = []

    init(usesParts: Bool = false) { self.usesParts = usesParts }

    mutating func visit(_ image: COCOImage) throws { try note("\(image) \(image.location)") }
    mutating func visit(_ annotation: COCOAnnotation) throws { try note("\(annotation) \(annotation.location)") }
    mutating func visit(_ category: COCOCategory) throws { try note("\(category) \(category.location)") }
    mutating func visit(_ place: COCOAnnotationPlace) throws { try note("\(place)") }
    mutating func visit(section: RawMember) throws { try note("\(section)") }
    mutating func report(_ finding: Finding, dropped: COCOSection?) throws {
        try note("\(finding) \(finding.location) \(String(describing: dropped))")
    }

    func emptyPart() -> Part? { usesParts ? Part() : nil }

    mutating func take(_ part: Part, linesBefore: Int) throws {
        for var annotation in part.annotations {
            annotation.origin.position?.line += linesBefore
            try visit(annotation)
        }
    }

    private mutating func note(_ event: String) throws {
        events.append(event)
        if events.count >= limit { throw Refusal() }
    }

    /// Scans a text; the last event is the error, where there is one.
    static func events(
        of bytes: [UInt8], usesParts: Bool = false, passesAnnotations: Bool = false, memberByMember: Bool = false,
        pieceSize: Int = COCOReader.defaultPieceSize, limit: Int = .max
    ) -> [String] {
        var recorder = COCORecorder(usesParts: usesParts)
        recorder.limit = limit
        do {
            try bytes.withUnsafeBytes { bytes in
                try COCOReader.scan(
                    bytes, path: "a.json", passesAnnotations: passesAnnotations, pieceSize: pieceSize,
                    memberByMember: memberByMember, &recorder)
            }
        } catch {
            return recorder.events + ["\(error)"]
        }
        return recorder.events
    }
}
