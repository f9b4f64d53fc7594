internal import Annotations
private import JSONText

/// What a ``LabelTable`` needs of some annotations of a COCO file.
struct LabelTablePart: COCOAnnotationPart {
    /// An annotation, of which no more is kept than where it stands and what it belongs to.
    struct Row: Sendable {
        let id: COCOIdentifier
        let imageID: COCOIdentifier
        let offset: Int
        let line: Int

        init(_ annotation: COCOAnnotation) {
            id = annotation.id
            imageID = annotation.imageID
            offset = annotation.origin.position?.byteOffset ?? 0
            line = annotation.origin.position?.line ?? 0
        }
    }

    private(set) var rows: [Row] = []

    mutating func visit(_ annotation: COCOAnnotation) { rows.append(Row(annotation)) }
}
