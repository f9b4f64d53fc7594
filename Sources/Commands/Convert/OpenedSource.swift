internal import Annotations
internal import Pipeline

/// Opens labels as a command describes them.
struct OpenedSource {
    let format: LabelFormat
    let path: String
    let readOptions: LabelReadOptions
    let keepsImageMembers: Bool

    /// - Throws: what the format's reader throws.
    func open() throws -> any LabelSource {
        switch format {
        case .coco, .lvis:
            try COCOSource(
                path: format.labelFile(at: path, subset: readOptions.subset), keepsImageMembers: keepsImageMembers)
        default: try format.open(path, options: readOptions)
        }
    }
}
