/// A whole COCO file in memory. Large files are better visited with ``COCOReader/scan(path:_:)``.
package struct COCODataset: Sendable, Hashable {
    package var images: [COCOImage]
    package var annotations: [COCOAnnotation]
    package var categories: [COCOCategory]
    /// All other top-level keys, in order: `info`, `licenses`, whatever a tool has added.
    package var sections: [RawMember]

    package init(
        images: [COCOImage] = [], annotations: [COCOAnnotation] = [], categories: [COCOCategory] = [],
        sections: [RawMember] = []
    ) {
        self.images = images
        self.annotations = annotations
        self.categories = categories
        self.sections = sections
    }

    /// `info`, where the file has it.
    package var info: RawMember? { sections["info"] }
    /// `licenses`, where the file has it.
    package var licenses: RawMember? { sections["licenses"] }
}
