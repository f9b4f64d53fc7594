/// The rules of the findings that comparing predictions with the truth can make, beside those of reading the files.
package enum PredictionRule {
    /// A result is of an image that the truth does not have; it is dropped.
    package static let unknownImage = "results.unknown-image"
    /// A result is of a class that the truth does not have, or of none; it is dropped.
    package static let unknownCategory = "results.unknown-category"
    /// Two results of one image and class have the same score and shape; both count, as everywhere.
    package static let duplicate = "results.duplicate"
    /// Masks are compared, and results have only a box; the filled box is their mask.
    package static let boxOnly = "results.box-only"
    /// An object has no area; that of its mask or box is taken.
    package static let areaMissing = "evaluate.area-missing"
    /// An object or result has no area; by LVIS's rules it does not count.
    package static let areaZero = "evaluate.area-zero"
    /// An object has id 0. Here it counts as any other; pycocotools takes a match with it for none.
    package static let idZero = "evaluate.id-zero"
    /// An image has no size, and the mask is an outline, which cannot be drawn without; the object is dropped.
    package static let imageSizeMissing = "schema.image-size"
    /// Two images have the same id; the second is dropped.
    package static let duplicateImage = "schema.duplicate-image-id"
    /// Two categories have the same id; the second is dropped.
    package static let duplicateCategory = "schema.duplicate-category-id"
    /// Two objects have the same id. pycocotools looks objects up by it and counts the last one in the place of each; so do we.
    package static let duplicateAnnotation = "schema.duplicate-annotation-id"
    /// An object is of an image that is not listed; it is dropped.
    package static let danglingImage = "schema.dangling-image"
    /// An object is of a class that is not listed; it is dropped.
    package static let danglingCategory = "schema.dangling-category"
    /// An object has no mask, or no box, where that is compared; it is dropped.
    package static let maskMissing = "mask.missing"
    /// An object's mask has no pixel: nothing can find it, and it counts as missed, as everywhere.
    package static let maskEmpty = "mask.empty"
    /// A box has no width or no height, or a negative one; it is compared as it is, as everywhere.
    package static let boxDegenerate = "bbox.degenerate"
    /// An object or result is so large that its pixels are not compared one by one; it is left out where they would be.
    package static let maskTooLarge = "evaluate.mask-too-large"
    /// A panoptic image has no prediction, or one that cannot be read; all its segments count as missed.
    package static let predictionMissing = "panoptic.prediction-missing"
    /// Two panoptic entries are of one image: of predictions the last counts, of the truth each does.
    package static let duplicateEntry = "panoptic.duplicate-image"
    /// A panoptic image of the truth cannot be read; it is left out.
    package static let truthUnreadable = "panoptic.truth-unreadable"
    /// A panoptic PNG and its JSON do not have the same segments; what only one of them has is left out.
    package static let segmentMismatch = "panoptic.segments"
    /// An entry of a panoptic JSON cannot be used; it is dropped.
    package static let panopticEntry = "panoptic.entry"
}
