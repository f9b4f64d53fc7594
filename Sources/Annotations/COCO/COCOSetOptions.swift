/// How a set is written as a COCO file.
package struct COCOSetOptions: Sendable, Hashable {
    /// The form of masks; groups of objects are always uncompressed run lengths, as in COCO itself.
    package enum MaskForm: String, Sendable, Hashable, CaseIterable {
        /// Polygons where they draw exactly the mask, compressed run lengths elsewhere.
        case auto
        /// Compressed run lengths.
        case rle
        /// Polygons, for readers that know nothing else; holes are lost and reported.
        case polygons
    }

    /// The file's name below the output directory.
    package var fileName = "annotations.json"
    package var maskForm = MaskForm.auto
    /// Number the objects from 1, instead of keeping their ids.
    package var renumbers = false
    /// Write LVIS: no `iscrowd`, categories with counts and frequency, the lists of categories that are not there or not
    /// fully labelled.
    package var isLVIS = false

    package init() {}
}
