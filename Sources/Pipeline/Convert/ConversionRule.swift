/// The rules of the findings that a conversion makes itself; those of the labels' reader, of masks and of image files
/// have the names of ``COCORule``, `MaskError` and `ImageError`.
package enum ConversionRule {
    /// The image file is not there, or cannot be opened. The image is dropped.
    package static let imageMissing = "image.missing"
    /// The file's size is not the labels' size, so masks would not fit. The image is dropped.
    package static let imageSizeMismatch = "image.size-mismatch"
    /// The labels do not state the image's size; the file's is taken.
    package static let imageSizeMissing = "image.size-missing"
    /// The file has an EXIF orientation that the chosen policy ignores; readers that apply it see turned pixels.
    package static let imageOrientation = "image.exif-orientation"
    /// Another image has the same id already. The image is dropped.
    package static let imageDuplicateID = "image.duplicate-id"
    /// The annotation's image is not in the file. The annotation is dropped.
    package static let annotationImage = "annotation.image"
    /// The annotation's category is not in the file. The annotation is dropped.
    package static let annotationCategory = "annotation.category"
    /// The annotation has neither mask nor box. The annotation is dropped.
    package static let annotationShape = "annotation.no-shape"
    /// The annotation has a box only; it is kept with an empty mask.
    package static let maskMissing = "mask.missing"
    /// The annotation's mask covers no pixel; it is kept.
    package static let maskEmpty = "mask.empty"
    /// The annotation states no area; the mask's is taken.
    package static let areaMissing = "annotation.area-missing"
    /// The annotation states no usable box; the mask's is taken.
    package static let boxMissing = "annotation.bbox-missing"
    /// The annotation states no `iscrowd`; it is taken for one object.
    package static let crowdMissing = "annotation.iscrowd-missing"
    /// The box reaches outside the image; it is cut at the edge.
    package static let boxOutside = "bbox.outside"
    /// Another category has the same id already; the first one counts.
    package static let categoryDuplicateID = "category.duplicate-id"
    /// The category's id is not an integer; records use a number of ours, which the manifest leads back to it.
    package static let categoryID = "category.id"
    /// A part of the split has no image.
    package static let splitEmpty = "split.empty"
}
