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
    /// What is wrong with the file's elements.
    let ledger: FindingLedger

    init(
        images: [COCOImage], categories: [COCOCategory], sections: [RawMember], annotations: [AnnotationPlace],
        ranges: [Range<Int>], ledger: FindingLedger
    ) {
        precondition(ranges.count == images.count, "\(ranges.count) ranges for \(images.count) images")
        self.images = images
        self.categories = categories
        self.sections = sections
        self.annotations = annotations
        self.ranges = ranges
        self.ledger = ledger
    }

    /// Where an image's annotations stand.
    func places(ofImage index: Int) -> ArraySlice<AnnotationPlace> { annotations[ranges[index]] }
}
