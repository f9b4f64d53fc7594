internal import Annotations
internal import Runtime

/// A COCO file reduced to what joining needs: its images and categories, and where each image's annotations stand in the
/// file. Memory is a few dozen bytes an annotation, whatever its outline.
struct LabelTable: Sendable {
    /// Where an annotation stands in the file.
    struct AnnotationPlace: Sendable {
        let offset: Int
        let line: Int32
    }

    /// In the file's order, each id once.
    let images: [COCOImage]
    /// In the file's order, each id once.
    let categories: [COCOCategory]
    /// The file's other top-level members, such as `info`.
    let sections: [RawMember]
    /// Grouped by image, within each in the file's order.
    private let annotations: [AnnotationPlace]
    /// For each image its annotations in ``annotations``.
    private let ranges: [Range<Int>]
    /// Ids of annotations, by their offsets, whose own another has already.
    private let newIDs: [Int: COCOIdentifier]
    /// What is wrong with the file's elements.
    let ledger: FindingLedger

    init(
        images: [COCOImage], categories: [COCOCategory], sections: [RawMember], annotations: [AnnotationPlace],
        ranges: [Range<Int>], newIDs: [Int: COCOIdentifier] = [:], ledger: FindingLedger
    ) {
        precondition(ranges.count == images.count, "\(ranges.count) ranges for \(images.count) images")
        self.images = images
        self.categories = categories
        self.sections = sections
        self.annotations = annotations
        self.ranges = ranges
        self.newIDs = newIDs
        self.ledger = ledger
    }

    /// Where an image's annotations stand.
    func places(ofImage index: Int) -> ArraySlice<AnnotationPlace> { annotations[ranges[index]] }

    /// The id that the annotation at a place has got; nil where it keeps its own.
    func newID(at place: AnnotationPlace) -> COCOIdentifier? { newIDs.isEmpty ? nil : newIDs[place.offset] }
}
