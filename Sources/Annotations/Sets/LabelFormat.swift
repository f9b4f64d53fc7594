/// The formats in which sets of labels are read and written; raw values are their names on the command line.
package enum LabelFormat: String, Sendable, Hashable, CaseIterable {
    case coco
    case lvis
    case panoptic = "coco-panoptic"
    case yolo
    case yoloBoxes = "yolo-boxes"
    case voc
    case masks
    case labelme
    case segmentAnything = "sa-1b"
    case cvat
    case datumaro
    case labelStudio = "label-studio"
    case via
    case tensorFlow = "tf-od"
    case shards

    /// What it is, in a few words.
    package var title: String {
        switch self {
        case .coco: "COCO instances: one JSON file"
        case .lvis: "LVIS v1: COCO with frequencies and federated labels"
        case .panoptic: "COCO panoptic: a JSON file and a PNG for each image"
        case .yolo: "YOLO segmentation: a text file for each image, data.yaml"
        case .yoloBoxes: "YOLO detection: boxes alone"
        case .voc: "Pascal VOC: XML with boxes, palette PNGs"
        case .masks:
            "folders of mask images: one for each object, or a map for each image (as input CamVid's folders as well)"
        case .labelme: "labelme: a JSON file for each image"
        case .segmentAnything: "SA-1B: sa_N.jpg with sa_N.json, in WebDataset tar files or a folder"
        case .cvat: "CVAT for images 1.1, or (as input) for video 1.1: one XML file"
        case .datumaro: "Datumaro: annotations/SUBSET.json"
        case .labelStudio: "Label Studio: tasks with polygons, rectangles and brush masks"
        case .via: "VGG Image Annotator: one JSON file (versions 1 to 3 are read; 2 is written, or 3)"
        case .tensorFlow: "TensorFlow Object Detection API: TFRecord with a PNG mask for each object"
        case .shards: "samdata's own shards"
        }
    }

    /// What an object can lose when it is written in this format with its default options.
    package var losses: Set<ObjectLoss.Kind> {
        switch self {
        case .coco, .datumaro, .segmentAnything, .cvat, .shards: []
        case .lvis: [.crowd]
        case .labelStudio: [.crowd, .members]
        case .panoptic: [.shape, .object]
        case .yolo: [.shape, .crowd, .members]
        case .yoloBoxes: [.shape, .crowd, .members, .object]
        case .voc: [.shape, .crowd, .members, .object]
        case .masks: [.crowd, .category, .members, .object]
        case .tensorFlow: [.members]
        case .labelme, .via: []
        }
    }

    /// What is kept and lost, for documentation.
    package var remark: String {
        switch self {
        case .coco: "everything; crowds as uncompressed run lengths, holes as compressed ones"
        case .lvis: "everything but iscrowd, which LVIS has not; stated frequencies and counts stay"
        case .panoptic: "a pixel belongs to one segment: where objects overlap, the later one has it"
        case .yolo:
            "holes and parts as bridges without width (or split, or the largest part); crowds become objects; an outline is read back exactly by the COCO rasteriser, up to rounding of coordinates"
        case .yoloBoxes: "boxes alone"
        case .voc: "a pixel belongs to one object; at most 254 masks in an image; crowds become objects"
        case .masks:
            "one file for each object holds everything but class and crowd; maps give each pixel to one object or class, and objects of a class are merged"
        case .labelme:
            "everything: holes as masks, parts in groups, crowds as a flag, other members as labelme's other data"
        case .segmentAnything: "everything: class, crowd and other members in additional keys"
        case .cvat: "everything: holes as masks, parts in groups, crowds and other members of objects as attributes"
        case .datumaro: "everything: holes and parts as masks, crowds and other members as attributes"
        case .labelStudio:
            "holes and parts as brush masks; crowds become objects; of other members the score, and what is said of images"
        case .via:
            "everything: holes and parts as bridges without width, crowds and other members as attributes, which are texts (version 3: crowds alone)"
        case .tensorFlow: "boxes as 32-bit parts of the image's size; no other members"
        case .shards: "everything"
        }
    }
}
