/// How a set of any format is read; each format looks at its own part.
package struct LabelReadOptions: Sendable, Hashable {
    /// The images' folder, where it is not where the format has it.
    package var images: String?
    /// The end of the file's name, where a folder holds several of COCO's.
    package var subset: String?
    package var panoptic = PanopticOptions()
    package var yolo = YOLOOptions()
    package var voc = VOCOptions()
    package var masks = MaskFolderOptions()
    package var datumaro = DatumaroOptions()
    package var labelStudio = LabelStudioOptions()
    package var via = VIAOptions()

    package init() {}
}

/// How a set of any format is written; each format looks at its own part.
package struct LabelWriteOptions: Sendable, Hashable {
    /// Write the image files as well; formats that hold them inside do so in any case.
    package var copiesImages = true
    package var coco = COCOSetOptions()
    package var panoptic = PanopticOptions()
    package var yolo = YOLOOptions()
    package var voc = VOCOptions()
    package var masks = MaskFolderOptions()
    package var labelme = LabelmeOptions()
    package var segmentAnything = SegmentAnythingOptions()
    package var datumaro = DatumaroOptions()
    package var labelStudio = LabelStudioOptions()
    package var via = VIAOptions()

    package init() {}
}
