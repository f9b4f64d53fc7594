package import Masks
package import Runtime

/// An entry of `annotations`: one object of one image.
package struct COCOAnnotation: Sendable, Hashable {
    package var id: COCOIdentifier
    package var imageID: COCOIdentifier
    package var categoryID: COCOIdentifier
    /// Nil when the key is missing, null, or cannot be understood.
    package var segmentation: Segmentation?
    /// Left, top, width, height in pixels, as stated.
    package var bbox: Box?
    /// Area in pixels, as stated.
    package var area: Double?
    /// `iscrowd` as stated; LVIS has none.
    package var crowdFlag: Bool?
    /// All other keys, in order; also those whose value could not be understood, so that writing loses nothing.
    package var extra: [RawMember]
    package var origin: DataOrigin
    package var spelling: Spelling

    /// How the file spells integral numbers of this element.
    package struct Spelling: Sendable, Hashable {
        package var segmentation = NumberSpelling.plain
        package var bbox = NumberSpelling.plain
        package var area = NumberSpelling.plain

        package init() {}
    }

    package init(
        id: COCOIdentifier, imageID: COCOIdentifier, categoryID: COCOIdentifier, segmentation: Segmentation?,
        bbox: Box?, area: Double?, crowdFlag: Bool?, extra: [RawMember] = [], origin: DataOrigin = DataOrigin(),
        spelling: Spelling = Spelling()
    ) {
        self.id = id
        self.imageID = imageID
        self.categoryID = categoryID
        self.segmentation = segmentation
        self.bbox = bbox
        self.area = area
        self.crowdFlag = crowdFlag
        self.extra = extra
        self.origin = origin
        self.spelling = spelling
    }

    /// Whether this stands for many objects at once; not stated means no.
    package var isCrowd: Bool { crowdFlag ?? false }

    package var location: DataLocation { origin.location(imageID: imageID, annotationID: id) }
}
