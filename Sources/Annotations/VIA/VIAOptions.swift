/// How files of the VGG Image Annotator are read and written.
package struct VIAOptions: Sendable, Hashable {
    /// The region attribute that is the class; nil takes the one that there is, or one called like a class.
    package var classAttribute: String?

    /// What is written: a project of VIA 2 or of VIA 3.
    package enum Version: Int, Sendable, Hashable, CaseIterable {
        case two = 2
        case three = 3
    }

    package var version = Version.two

    package init() {}
}
