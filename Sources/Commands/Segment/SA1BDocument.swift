internal import Annotations
internal import JSONText
private import Masks

/// The masks of one image as a file of the SA-1B data set has them.
///
/// Source: the README of the segment-anything project, "Dataset".
struct SA1BDocument {
    let image: COCOImage
    /// Of ``SegmentedImage/annotations(_:imageID:)``.
    let annotations: [COCOAnnotation]

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("image")
        writer.beginObject()
        writer.key("image_id")
        writer.integer(image.id.int64 ?? 0)
        for (key, pixels) in [("width", image.width), ("height", image.height)] {
            writer.key(key)
            writer.integer(pixels ?? 0)
        }
        writer.key("file_name")
        writer.string(image.fileName)
        writer.endObject()
        writer.key("annotations")
        writer.beginArray()
        for annotation in annotations { write(annotation, to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.finish()
    }

    private func write(_ annotation: COCOAnnotation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.integer(annotation.id.int64 ?? 0)
        if case .compressed(let height, let width, let bytes) = annotation.segmentation {
            writer.key("segmentation")
            writer.beginObject()
            writer.key("size")
            writer.value([.integer(Int64(height)), .integer(Int64(width))])
            writer.key("counts")
            writer.string(String(decoding: bytes, as: UTF8.self))
            writer.endObject()
        }
        writer.key("bbox")
        writer.beginArray()
        for side in Self.referenceBox(annotation.bbox ?? .zero) { writer.number(side) }
        writer.endArray()
        writer.key("area")
        writer.plainNumber(annotation.area ?? 0)
        for (key, name) in [
            ("predicted_iou", "score"), ("stability_score", "stability_score"), ("point_coords", "point_coords"),
            ("crop_box", "crop_box"),
        ] {
            guard let member = annotation.extra[name] else { continue }
            writer.key(key)
            writer.raw(member.value)
        }
        writer.endObject()
    }

    /// The reference measures from the first to the last pixel: one less than COCO each way.
    private static func referenceBox(_ box: Box) -> [Double] {
        [box.x, box.y, max(0, box.width - 1), max(0, box.height - 1)]
    }
}
