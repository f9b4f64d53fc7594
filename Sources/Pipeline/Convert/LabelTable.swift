internal import Annotations
internal import Runtime
internal import Shards

/// A COCO file reduced to what joining needs: its images and categories, and where each image's annotations stand in the
/// file. Memory is a few dozen bytes an annotation, whatever its outline.
struct LabelTable: Sendable {
    /// An image of the file.
    struct Image: Sendable {
        let id: String
        let fileName: String
        let width: Int?
        let height: Int?
        let location: DataLocation
        /// Its annotations in ``LabelTable/annotations``.
        var annotations: Range<Int> = 0..<0
    }

    /// Where an annotation stands in the file.
    struct AnnotationPlace: Sendable {
        let offset: Int
        let line: Int32
    }

    /// In the file's order.
    let images: [Image]
    /// Grouped by image, within each in the file's order.
    let annotations: [AnnotationPlace]
    /// In the file's order.
    let classes: [ShardClass]
    /// Positions in ``classes``.
    let classIndexes: [COCOIdentifier: Int]
    /// What is wrong with the file's elements.
    let ledger: FindingLedger

    /// Images that the file lists, those that could not be used included.
    var listedImages: Int { images.count + ledger.dropped(.image) }
}
