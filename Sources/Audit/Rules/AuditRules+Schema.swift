internal import Runtime

/// Rules about the text of a COCO file and its lists.
extension AuditRules {
    static let json = [
        AuditRule(
            "json.syntax", .error, "The file is not JSON from this byte on; nothing behind it was audited.",
            remedy: "Write the file again with a JSON library."),
        AuditRule(
            "json.truncated", .error, "The file ends in the middle of its JSON: it was cut off.",
            remedy: "Fetch or write the file again."),
        AuditRule(
            "json.duplicate-key", .error, "A key stands twice in one element; the last value counts.",
            remedy: "Remove one of the two."),
        AuditRule(
            "json.non-finite", .error, "A number is NaN, infinite or beyond 64-bit floats; the value is ignored.",
            remedy: "Write a number, or leave the key out; JSON has no NaN."),
        AuditRule(
            "json.byte-order-mark", .warning, "The file starts with a byte order mark, at which many parsers fail.",
            remedy: "Save the file as UTF-8 without byte order mark."),
        AuditRule(
            "json.lone-surrogate", .warning, "A text holds half of a surrogate pair, which is no character.",
            remedy: "Write the name again in UTF-8."),
    ]

    static let schema = [
        AuditRule(
            "schema.structure", .error, "The file is JSON but no COCO data set; it was not audited further.",
            remedy: "Give an object with the lists images, annotations and categories."),
        AuditRule(
            "schema.missing-section", .error, "One of the lists images, annotations, categories is missing.",
            remedy: "Add the list, empty if need be."),
        AuditRule(
            "schema.missing-key", .error, "A key that COCO demands is missing.",
            remedy: "Add the key; elements without id, image_id or category_id cannot be used."),
        AuditRule(
            "schema.derived", .note, "Annotations lack area, bbox or iscrowd, which are then computed or taken as 0.",
            remedy: "Nothing needs doing; convert writes the computed values."),
        AuditRule(
            "schema.type", .error, "A value has a type that its key cannot have.",
            remedy: "Write ids as integers, boxes and polygons as lists of numbers, names as texts."),
        AuditRule(
            "schema.value", .error, "A value has the right type, but its key cannot have it.",
            remedy: "Write four finite numbers for a box, whole numbers of pixels for sizes and runs."),
        AuditRule(
            "schema.id-type", .warning, "Ids are not integers of at most 53 bits, which many readers cannot keep.",
            remedy: "Number the elements anew, from 1."),
        AuditRule(
            "schema.id-zero", .warning, "An annotation has id 0, which COCO's evaluation takes for \"not matched\".",
            remedy: "Number the annotations from 1."),
        AuditRule(
            "schema.duplicate-annotation-id", .error, "Two annotations have the same id.",
            remedy: "Give one of them a new id."),
        AuditRule(
            "schema.duplicate-image-id", .error, "Two images have the same id, so annotations belong to either.",
            remedy: "Give one of them a new id, and its annotations with it."),
        AuditRule(
            "schema.duplicate-category-id", .error, "Two categories have the same id.",
            remedy: "Give one of them a new id, and its annotations with it."),
        AuditRule(
            "schema.duplicate-category-name", .warning, "Two categories have the same name.",
            remedy: "Merge them, or tell them apart by name."),
        AuditRule(
            "schema.dangling-image", .error, "An annotation names an image that is not in the list.",
            remedy: "Add the image, or remove the annotation."),
        AuditRule(
            "schema.dangling-category", .error, "Annotations name a category that is not in the list.",
            remedy: "Add the category, or correct the annotations."),
        AuditRule(
            "schema.image-size", .error, "An image's width or height is missing or 0.",
            remedy: "Write the file's size in pixels; masks cannot be checked without it."),
    ]
}
