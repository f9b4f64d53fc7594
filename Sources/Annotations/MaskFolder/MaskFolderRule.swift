/// The rules of the findings that reading a folder of masks can make.
package enum MaskFolderRule {
    /// A `._NAME` file, in which macOS keeps attributes; it is ignored.
    package static let appleDouble = "masks.apple-double"
    /// A file that is neither PNG, JPEG nor TIFF by its name, or a folder where files are due; it is ignored.
    package static let unknownFile = "masks.unknown-file"
    /// An image or mask cannot be read or decoded; it is dropped, an image with its masks.
    package static let unreadable = "masks.unreadable"
    /// An image file ends too early; it is kept.
    package static let truncatedImage = "masks.truncated-image"
    /// A folder with masks but no image, or with several images; it is dropped.
    package static let imageCount = "masks.image-count"
    /// A mask whose image is not there; it is dropped.
    package static let noImage = "masks.no-image"
    /// An image without a mask; it is kept, without objects.
    package static let noMask = "masks.no-mask"
    /// A mask is not of its image's size; it is dropped.
    package static let sizeMismatch = "masks.size-mismatch"
    /// A mask without foreground; it makes no object.
    package static let empty = "masks.empty"
    /// A mask of one object has other values than 0 and 1 or 0 and the largest; all above 0 is the object.
    package static let values = "masks.values"
    /// A map of objects has only 0 and the largest value: all foreground is one object.
    package static let binaryMap = "masks.binary-map"
    /// A map with more values than there can be objects; it is dropped.
    package static let tooManyValues = "masks.too-many-values"
}
