/// A name that a target could not take as it was: of an image's file, or of a class.
package struct LabelRename: Sendable, Hashable {
    package enum Subject: String, Sendable, Hashable, CaseIterable {
        case image
        case category
    }

    package var subject: Subject
    /// Of the image, or of the category.
    package var id: COCOIdentifier
    /// As the labels have it.
    package var from: String
    /// As it is written.
    package var to: String

    package init(_ subject: Subject, id: COCOIdentifier, from: String, to: String) {
        self.subject = subject
        self.id = id
        self.from = from
        self.to = to
    }
}
