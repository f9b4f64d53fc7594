package import Runtime

/// An entry of `categories`.
package struct COCOCategory: Sendable, Hashable {
    package var id: COCOIdentifier
    /// The class name; empty when the file has none.
    package var name: String
    package var supercategory: String?
    /// All other keys, in order: LVIS's `frequency`, `synset`, `synonyms`, `def`, key-point names, colours.
    package var extra: [RawMember]
    package var origin: DataOrigin

    package init(
        id: COCOIdentifier, name: String, supercategory: String? = nil, extra: [RawMember] = [],
        origin: DataOrigin = DataOrigin()
    ) {
        self.id = id
        self.name = name
        self.supercategory = supercategory
        self.extra = extra
        self.origin = origin
    }

    package var location: DataLocation { origin.location(keyPath: "category \(id)") }
}
