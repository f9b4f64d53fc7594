/// How folders of masks are read and written.
package struct MaskFolderOptions: Sendable, Hashable {
    /// What the pixels of a mask say.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Found out by the folder: `classes` where there is a table of classes, else by the names of files.
        case auto
        /// `ID/images` with `ID/masks`: one binary mask for each object.
        case instances
        /// `images` with `masks`: one map for each image, a value (or colour) for each object.
        case idMap = "id-map"
        /// `images` with `masks`: one map for each image, a value for each class.
        case classMap = "class-map"
        /// The same with a colour for each class.
        case colourMap = "colour-map"
    }

    package var kind = Kind.auto
    /// Classes by value from 1 on, where there is no table of classes; the first names objects without a class.
    package var classNames: [String]?
    /// In class maps, each 8-connected part is an object of its own, instead of all of a class in an image.
    package var splitsParts = false
    /// Write maps as TIFF (8 or 16 bit, compressed) instead of PNG.
    package var writesTIFF = false

    package init() {}
}
