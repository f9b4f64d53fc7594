/// Writes a set of labels in one format, image by image; made by a format with the categories and an output directory.
///
/// Nothing of the set is kept in memory but what a format must state at its end.
package protocol LabelWriter {
    /// Writes one image; the order of calls is the order in the set.
    ///
    /// - Returns: what the format could not hold, object by object.
    /// - Throws: `FileError` when the disk refuses; what was written before is still whole.
    mutating func write(_ image: LabelledImage) throws -> [ObjectLoss]

    /// What was done since the last call.
    mutating func takeNotes() -> LabelNotes

    /// Which members beyond COCO's own it writes.
    var memberPlaces: MemberPlaces { get }

    /// Completes the set: files that list all images come into being here, under their final name.
    mutating func finish() throws
}

extension LabelWriter {
    package var memberPlaces: MemberPlaces { MemberPlaces() }
    package mutating func takeNotes() -> LabelNotes { LabelNotes() }
}

/// What a writer has done that its caller puts on record.
package struct LabelNotes: Sendable {
    /// The names that were changed: of classes, and of images.
    package var renames: [LabelRename] = []
    /// The files that were begun, below the set's folder.
    package var files: [String] = []

    package init() {}
}

/// What a format took from an object.
package struct ObjectLoss: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Written, but read back it is another mask.
        case shape
        /// Written without its holes.
        case holes
        /// Written as several objects, or as the largest of its parts.
        case parts
        /// Written as one object rather than a group of many.
        case crowd
        /// Written as part of one area, with other objects of its class.
        case merged
        /// Written without its class.
        case category = "class"
        /// Written without what the labels say of it besides: attributes, a score, key points.
        case members
        /// Not written.
        case object
    }

    package var imageID: COCOIdentifier
    package var annotationID: COCOIdentifier
    package var kind: Kind
    /// Intersection over union of the mask and what a reader of the format makes of it; 0 when nothing was written.
    package var overlap: Double
    /// Of ``Kind/members``, their names.
    package var names: [String]

    package init(
        imageID: COCOIdentifier, annotationID: COCOIdentifier, kind: Kind, overlap: Double, names: [String] = []
    ) {
        self.names = names
        self.imageID = imageID
        self.annotationID = annotationID
        self.kind = kind
        self.overlap = overlap
    }
}
