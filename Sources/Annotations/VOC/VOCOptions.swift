/// How Pascal VOC sets are read and written.
package struct VOCOptions: Sendable, Hashable {
    /// Read only the images of `ImageSets/Segmentation/NAME.txt`, or `Main` where that has no such list; nil reads all.
    package var imageSet: String?
    /// The name of the list in `ImageSets` of what is written.
    package var writtenSet = "train"
    /// The value that is written into the `<folder>` of each annotation.
    package var folderName = "VOC"

    package init() {}
}
