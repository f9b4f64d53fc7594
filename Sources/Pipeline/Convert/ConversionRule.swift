private import Annotations

/// The rules of the findings that a conversion makes itself; those of the labels' reader have the names of `COCORule`,
/// those of masks that cannot be made the names of `MaskError`, and those of files that cannot be read `ImageError`'s.
///
/// A defect that `samdata audit` looks for has its name there, so that one list of ids serves both.
package enum ConversionRule {
    /// The image file is not there, or cannot be opened. The image is dropped.
    package static let imageMissing = "image.missing"
    /// The file's name is an absolute path, or has backslashes, which are read as slashes. The image is dropped where there is
    /// no such file.
    package static let imagePath = ImagePath.oddRule
    /// The file's name leads out of the images' directory. The image is dropped, and its file not opened.
    package static let imageOutside = ImagePath.outsideRule
    /// The file's size is not the labels' size, so masks would not fit. The image is dropped.
    package static let imageSize = "image.size"
    /// The labels do not state the image's size, or one of 0; the file's is taken.
    package static let imageSizeMissing = "schema.image-size"
    /// The file has an EXIF orientation that the chosen policy ignores; readers that apply it see turned pixels.
    package static let imageOrientation = "image.exif"
    /// The file is a TIFF, which readers of shards do not decode; the same pixels are written as PNG.
    package static let imageTIFF = "image.tiff"
    /// The file has 16 bits a sample, and a stage changes pixels, which are written with 8.
    package static let imageDepth = "image.depth"
    /// Another image has the same id already. The image is dropped.
    package static let imageDuplicateID = "schema.duplicate-image-id"
    /// Another annotation has the same id already. The annotation gets another one.
    package static let annotationDuplicateID = "schema.duplicate-annotation-id"
    /// The labels are counted in other pixels, by the file's EXIF orientation, than readers of the target expect; they are
    /// turned.
    package static let labelsTurned = "image.exif-turned"
    /// The target could not take the image's name, or the category's, as it is; it is written under another.
    package static let renamed = "labels.renamed"
    /// The annotation's image is not in the file. The annotation is dropped.
    package static let annotationImage = "schema.dangling-image"
    /// The annotation's category is not in the file. The annotation is dropped.
    package static let annotationCategory = "schema.dangling-category"
    /// The annotation has no mask. With a box it is kept with an empty mask, without one it is dropped.
    package static let maskMissing = "mask.missing"
    /// The annotation's run lengths cover no pixel; it is kept. Polygons have the names of `EmptyPolygon`.
    package static let maskEmpty = "mask.empty"
    /// The annotation states no area, box or `iscrowd`; the mask's are taken, and 0.
    package static let derived = "schema.derived"
    /// The annotation's box has no area; the mask's is taken.
    package static let boxDegenerate = "bbox.degenerate"
    /// The box reaches outside the image; it is cut at the edge. Less than a pixel is a note.
    package static let boxOutside = "bbox.outside"
    /// The polygon reaches outside the image, and its box with it; both are cut at the edge.
    package static let polygonOutside = "polygon.outside"
    /// Another category has the same id already; the first one counts.
    package static let categoryDuplicateID = "schema.duplicate-category-id"
    /// Another category has the same name already.
    package static let categoryDuplicateName = "schema.duplicate-category-name"
    /// The category has no name.
    package static let categoryUnnamed = "schema.category-name"
    /// A ring of an outline is none, beside others that draw something; the first has no point, the second too few, and of
    /// the third the last number is ignored.
    package static let ringEmpty = "polygon.empty"
    package static let ringDegenerate = "polygon.degenerate"
    package static let ringOdd = "polygon.odd-length"
    /// The category's id is not an integer; records use a number of ours, which the manifest leads back to it.
    package static let categoryIDType = "schema.id-type"
    /// A part of the split has no image.
    package static let splitEmpty = "split.empty"
    /// Files in the output that neither this conversion nor an earlier one has listed; they stay.
    package static let otherFiles = "output.other-files"
    /// The stated area is that of the box, where the mask's is wanted; it is kept.
    package static let boxArea = "agreement.box-area"
    /// A class comes up in an epoch less often than balancing was asked to see to.
    package static let fewObjects = "balance.few-objects"
    /// A class comes up in an epoch more often than balancing was asked to let it, for the sake of others in its images.
    package static let overCap = "balance.over-cap"
    /// Repeats were to be written, and the draw for the image's was none. The image is left out.
    package static let noRepeat = "balance.none"
    /// The shards say how often images come up in an epoch, and the target cannot.
    package static let repeatsLost = "balance.not-written"
    /// The target has no place for what the labels say of an image, a category or the whole set besides.
    package static let membersLost = "labels.members"
    /// Images have no value of the field, or no match of the expression, that a split groups by; each is a group of its own.
    package static let splitGroup = "split.group"
    /// The split file names an image that the labels do not have.
    package static let splitFile = "split.file"
}
