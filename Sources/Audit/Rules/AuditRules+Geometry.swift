internal import Runtime

/// Rules about outlines, run lengths, masks and boxes.
extension AuditRules {
    static let polygon = [
        AuditRule(
            "polygon.flat", .warning, "The segmentation is one flat list of numbers instead of a list of polygons.",
            remedy: "Put the list into another list."),
        AuditRule(
            "polygon.empty", .error, "A polygon has no points.",
            remedy: "Remove the polygon, or draw it."),
        AuditRule(
            "polygon.not-finite", .error, "A coordinate is no position in any image, such as 1e30.",
            remedy: "Draw the object again."),
        AuditRule(
            "polygon.odd-length", .error, "A polygon has an odd number of coordinates; the last is ignored.",
            remedy: "Add the missing coordinate, or remove the last."),
        AuditRule(
            "polygon.four-numbers", .error, "A polygon has four numbers, which COCO's tools take for a box.",
            remedy: "Write a box's four corners as a polygon of eight numbers."),
        AuditRule(
            "polygon.degenerate", .error, "A polygon has fewer than three different points.",
            remedy: "Remove the polygon, or draw it again."),
        AuditRule(
            "polygon.zero-area", .error, "A polygon of three points or more covers no pixel.",
            remedy: "Remove the polygon, or draw it again."),
        AuditRule(
            "polygon.self-intersection", .warning, "A polygon's outline crosses itself, as in a bow-tie.",
            remedy: "Put the corners in order; parts that are wound twice may be drawn as holes."),
        AuditRule(
            "polygon.spike", .note, "A polygon runs out along a line and back the same way.",
            remedy: "Remove the corner at the tip."),
        AuditRule(
            "polygon.off-image", .error, "A polygon lies outside its image altogether.",
            remedy: "Check for swapped x and y, another image's polygon, or a resized image."),
        AuditRule(
            "polygon.outside", .warning, "A polygon reaches more than a pixel outside its image.",
            remedy: "Clip it; the part outside is not drawn."),
        AuditRule(
            "polygon.normalised", .error, "All coordinates lie within 0...1: parts of the image's size, not pixels.",
            remedy: "Multiply x by the image's width and y by its height."),
        AuditRule(
            "polygon.nested", .warning, "A polygon lies inside another of the same object: a hole that COCO fills.",
            remedy: "Store an object with holes as run lengths (RLE)."),
        AuditRule(
            "polygon.complexity", .note, "A polygon has so many overlapping edges that it was not checked.",
            remedy: "Simplify the outline, or store it as run lengths (RLE)."),
    ]

    static let rle = [
        AuditRule(
            "rle.unknown-key", .warning, "A run-length mask has keys besides size and counts.",
            remedy: "Move them into the annotation; they are not kept."),
        AuditRule(
            "rle.size", .error, "A run-length mask has another size than its image.",
            remedy: "Encode the mask again at the image's size; size is [height, width]."),
        AuditRule(
            "rle.sum", .error, "The runs do not add up to height x width.",
            remedy: "Encode the mask again; COCO's tools would read foreign memory here."),
        AuditRule(
            "rle.count", .error, "A run is negative or longer than 32 bits can hold.",
            remedy: "Encode the mask again."),
        AuditRule(
            "rle.characters", .error,
            "A compressed mask holds characters that no encoder writes, or ends in mid-number.",
            remedy: "Store counts as text in ASCII, not as Python's b'...'; check for escapes."),
        AuditRule(
            "rle.zero-run", .note, "A mask has runs of zero pixels, so it is not in canonical form.",
            remedy: "Nothing needs doing; convert writes canonical masks."),
    ]

    static let mask = [
        AuditRule(
            "mask.missing", .warning, "An annotation has no segmentation, or an empty list: it is a box only.",
            remedy: "Draw the object, or leave it out of mask training."),
        AuditRule(
            "mask.empty", .error, "A mask has no pixel.",
            remedy: "Remove the object, or draw it."),
        AuditRule(
            "mask.full", .warning, "A mask covers its whole image.",
            remedy: "Check that foreground and background are not swapped."),
    ]

    static let box = [
        AuditRule(
            "bbox.degenerate", .error, "A box has no width or no height, or a negative one.",
            remedy: "Write [x, y, width, height]; two corners give negative or oversized boxes."),
        AuditRule(
            "bbox.outside", .warning, "A box reaches more than a pixel outside its image.",
            remedy: "Clip it; check for [x0, y0, x1, y1] where [x, y, width, height] is due."),
    ]

    static let agreement = [
        AuditRule(
            "agreement.area", .warning, "The stated area is neither the mask's nor the polygon's.",
            remedy: "Compute it from the mask; evaluation sorts objects into size classes by it."),
        AuditRule(
            "agreement.box-area", .warning, "Stated areas are those of the boxes instead of the masks.",
            remedy: "Compute them from the masks; evaluation sorts objects into size classes by them."),
        AuditRule(
            "agreement.bbox", .warning, "The stated box is neither the mask's nor the polygon's bounds.",
            remedy: "Compute it from the mask."),
        AuditRule(
            "agreement.crowd", .warning, "A crowd region is given as polygons; COCO has run lengths there.",
            remedy: "Set iscrowd to 0 for a single object, or store the region as run lengths."),
        AuditRule(
            "agreement.overlap", .warning, "No object of --against with the same class overlaps an object enough.",
            remedy: "Look at both; let the annotators agree, or draw the object again."),
        AuditRule(
            "agreement.unmatched", .warning,
            "An object of --against has no counterpart of its class that overlaps it enough.",
            remedy: "Look whether an object was overlooked, or is of another class."),
        AuditRule(
            "agreement.names", .warning,
            "Names and ids of --against say different things of an image; the names count.",
            remedy: "Give both files the same ids, or make sure that names mean the same images."),
        AuditRule(
            "agreement.unlisted", .note, "Only one of the two sets of labels lists the image; nothing was compared.",
            remedy: "Check the names of files; images are told by them."),
        AuditRule(
            "agreement.model", .warning,
            "The mask that --model draws for an object's box does not overlap the object enough.",
            remedy: "Look at the outline; the model errs as well, most of all where it expects little of its mask."),
        AuditRule(
            "agreement.unread", .note, "Images could not be read, and were not held against --model.",
            remedy: "Say where they are with --images; what is wrong with them is then told, too."),
    ]

    static let object = [
        AuditRule(
            "object.duplicate", .error, "Two annotations of an image have the same class and the same mask or box.",
            remedy: "Remove one of them."),
        AuditRule(
            "object.conflict", .warning, "Two annotations of an image have the same mask but different classes.",
            remedy: "Decide for one of the classes."),
    ]
}
