package import Annotations
private import Runtime

/// Sources and writers of every format, those of this module included.
extension LabelFormat {
    /// Opens a set of this format.
    ///
    /// - Throws: `FileError`, `AnnotationError`, `ShardError`.
    package func open(_ path: String, options: LabelReadOptions = LabelReadOptions()) throws -> any LabelSource {
        if let source = try labelSource(at: path, options: options) { return source }
        switch self {
        case .shards: return try ShardSource(path: path)
        case .tensorFlow: return try TensorFlowSource(path: path)
        default: return try COCOSource(path: labelFile(at: path))
        }
    }

    /// A writer of this format into a directory; nil for shards, which a conversion writes itself, so that it can go on
    /// with them.
    ///
    /// - Parameter sections: top-level members that a COCO file keeps, such as `info` and `licenses`.
    /// - Throws: `FileError.write`.
    package func writer(
        to root: String, categories: [COCOCategory], options: LabelWriteOptions = LabelWriteOptions(),
        sections: [RawMember] = []
    ) throws -> (any LabelWriter)? {
        switch self {
        case .shards: return nil
        case .tensorFlow: return try TensorFlowWriter(root: root, categories: categories)
        case .coco, .lvis:
            var coco = options.coco
            coco.isLVIS = self == .lvis
            return try COCOSetWriter(
                root: root, categories: categories, options: coco, copiesImages: options.copiesImages,
                sections: sections)
        default: return try labelWriter(to: root, categories: categories, options: options)
        }
    }
}
