/// One image of a folder and what says where its objects are; paths are relative to the folder.
struct MaskSample: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        /// One binary mask per object.
        case objectMasks([String])
        /// One image in which each object has a value.
        case instanceMap(String)
        case none
    }

    let image: String
    let source: Source
}
