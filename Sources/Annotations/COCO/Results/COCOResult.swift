package import Masks

/// An entry of a COCO results file: one object that was predicted.
package struct COCOResult: Sendable, Hashable {
    /// Place in the list, from 1: what pycocotools makes the result's id.
    package var number: Int
    package var imageID: COCOIdentifier
    /// Nil when the key is missing.
    package var categoryID: COCOIdentifier?
    /// Finite.
    package var score: Double
    /// Left, top, width, height in pixels; nil when the key is missing or an empty list.
    package var bbox: Box?
    /// Where its segmentation stands in the file; nil when the key is missing or null.
    package var segmentation: Range<Int>?
    /// Where it starts in the file.
    package var offset: Int

    package init(
        number: Int, imageID: COCOIdentifier, categoryID: COCOIdentifier?, score: Double, bbox: Box?,
        segmentation: Range<Int>?, offset: Int
    ) {
        self.number = number
        self.imageID = imageID
        self.categoryID = categoryID
        self.score = score
        self.bbox = bbox
        self.segmentation = segmentation
        self.offset = offset
    }
}
