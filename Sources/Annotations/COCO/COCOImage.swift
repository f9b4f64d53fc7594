package import Runtime

/// An entry of `images`.
package struct COCOImage: Sendable, Hashable {
    package var id: COCOIdentifier
    /// Path of the image below the images' folder. LVIS files have none; then the last two parts of `coco_url`. Empty
    /// when the file has neither.
    package var fileName: String
    /// Whether ``fileName`` comes from `coco_url`, and is therefore not written as `file_name`.
    package var isFileNameDerived: Bool
    /// Width in pixels as stated.
    package var width: Int?
    /// Height in pixels as stated.
    package var height: Int?
    /// All other keys, in order: `license`, `coco_url`, LVIS's `neg_category_ids`.
    package var extra: [RawMember]
    package var origin: DataOrigin

    package init(
        id: COCOIdentifier, fileName: String, width: Int?, height: Int?, extra: [RawMember] = [],
        isFileNameDerived: Bool = false, origin: DataOrigin = DataOrigin()
    ) {
        self.id = id
        self.fileName = fileName
        self.width = width
        self.height = height
        self.extra = extra
        self.isFileNameDerived = isFileNameDerived
        self.origin = origin
    }

    package var location: DataLocation { origin.location(imageID: id) }
}
