package import Masks

/// One labelled object of an image in a shard.
package struct ShardObject: Sendable, Hashable {
    /// The annotation's id as the labels write it.
    package var annotationID: String
    /// The category's id as the labels write it; the manifest's classes lead from here to a dense index.
    package var categoryID: Int64
    package var categoryName: String
    /// The mask covers a group of objects rather than one.
    package var isCrowd: Bool
    /// Area in pixels as the labels state it, or the mask's where they do not; kept as 32-bit float.
    package var area: Double
    /// The box in pixels, inside the image.
    ///
    /// A shard holds it as 32-bit floats in parts of the image's size; read back it is rounded to a thousandth of a
    /// pixel, which restores coordinates of up to three decimals in images of up to 8000 pixels.
    package var box: Box
    /// The mask, of the image's size.
    package var mask: RLE

    package init(
        annotationID: String, categoryID: Int64, categoryName: String, isCrowd: Bool, area: Double, box: Box, mask: RLE
    ) {
        self.annotationID = annotationID
        self.categoryID = categoryID
        self.categoryName = categoryName
        self.isCrowd = isCrowd
        self.area = area
        self.box = box
        self.mask = mask
    }
}
