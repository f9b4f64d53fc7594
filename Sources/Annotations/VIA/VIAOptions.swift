/// How files of the VGG Image Annotator are read and written.
package struct VIAOptions: Sendable, Hashable {
    /// The region attribute that is the class; nil takes the one that there is, or one called like a class.
    package var classAttribute: String?

    package init() {}
}
