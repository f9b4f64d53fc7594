/// The three lists of a COCO file.
package enum COCOSection: String, Sendable, Hashable, CaseIterable {
    case images
    case annotations
    case categories

    /// What one element is called in messages.
    package var elementName: String {
        switch self {
        case .images: "image"
        case .annotations: "annotation"
        case .categories: "category"
        }
    }
}
