/// An annotation of which no more is known than where it stands, and what it belongs to.
package struct COCOAnnotationPlace: Sendable, Hashable {
    package var id: COCOIdentifier
    package var imageID: COCOIdentifier
    /// Where it starts in the file.
    package var offset: Int

    package init(id: COCOIdentifier, imageID: COCOIdentifier, offset: Int) {
        self.id = id
        self.imageID = imageID
        self.offset = offset
    }
}
