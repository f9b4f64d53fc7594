/// What the coordinates of labels are counted in, where an image file has an EXIF orientation.
package enum LabelFrame: String, Sendable, Hashable, CaseIterable {
    /// The pixels as they are stored.
    case stored
    /// The pixels as a viewer shows them, with the orientation applied.
    case upright
}

extension LabelFormat {
    /// The frame in which readers of the format expect coordinates; nil where the files say it themselves.
    package var frame: LabelFrame? {
        switch self {
        case .labelme, .labelStudio: .upright
        case .shards: nil
        case .coco, .lvis, .panoptic, .yolo, .yoloBoxes, .voc, .masks, .segmentAnything, .cvat, .datumaro, .via,
            .tensorFlow:
            .stored
        }
    }
}
