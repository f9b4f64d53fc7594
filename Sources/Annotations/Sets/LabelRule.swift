/// The rules of the findings that reading labels of any format but COCO can make; COCO's are in ``COCORule``.
package enum LabelRule {
    /// A `._NAME` file, in which macOS keeps attributes; it is ignored.
    package static let appleDouble = "labels.apple-double"
    /// A file starts with a byte order mark, which is skipped.
    package static let byteOrderMark = "labels.byte-order-mark"
    /// A file of labels, or a part of one, cannot be read; what it says is dropped.
    package static let unreadable = "labels.unreadable"
    /// A line, shape or element lacks something that it must have, or has a value that it cannot have; it is dropped.
    package static let badValue = "labels.value"
    /// A value that is repaired: the element is kept.
    package static let repairedValue = "labels.repaired"
    /// The set is what a conversion has left that did not end; nobody knows what is missing.
    package static let unfinished = "labels.unfinished"
    /// Labels without their image; they are dropped.
    package static let imageMissing = "labels.image-missing"
    /// An image without labels; it is kept, without objects.
    package static let noLabels = "labels.none"
    /// Two entries for one image; the second one is dropped.
    package static let duplicateImage = "labels.duplicate-image"
    /// An id that another object of the image has already; the object is kept under a new one.
    package static let duplicateID = "labels.duplicate-id"
    /// Two classes of one name or number; they are taken for one.
    package static let duplicateCategory = "labels.duplicate-category"
    /// An object of a class that the set does not define; it is dropped.
    package static let unknownCategory = "labels.category"
    /// A kind of shape that covers no area, or that is not supported; the object is dropped.
    package static let shapeKind = "labels.shape-kind"
    /// A mask is not of its image's size; it is dropped.
    package static let sizeMismatch = "labels.size-mismatch"
    /// An image's name differs from its file's in upper and lower case alone; the file is taken.
    package static let nameCase = "labels.name-case"
    /// An image's name differs from its file's in how accented letters are composed alone; the file is taken.
    package static let nameForm = "labels.name-form"
    /// An image's name has backslashes, which are read as slashes.
    package static let nameSeparator = "labels.name-separator"
    /// An image's name is absolute or leads out of the set; only the part that lies in the set is taken.
    package static let nameOutside = "labels.name-outside"
    /// A mask is a lossy JPEG: its values are rounded to those that a mask can have.
    package static let lossyMask = "labels.lossy-mask"
    /// A pixel value or colour that no class or segment has; its pixels are background.
    package static let unknownValue = "labels.unknown-value"
    /// The stated area is the box's and not the mask's, or another number; the mask's counts.
    package static let statedArea = "labels.area"
    /// A part of the set that holds no masks or boxes, such as captions or tracks; it is ignored.
    package static let ignoredPart = "labels.ignored"
    /// More objects in one image than there can be numbers for; those beyond are dropped.
    package static let tooManyObjects = "labels.too-many-objects"
}
