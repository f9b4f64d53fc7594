/// The keys of a record, all of them in every record; `schemas/example.proto` describes each.
///
/// Those under `image/` are the TensorFlow Object Detection API's (tensorflow/models,
/// `object_detection/dataset_tools/create_coco_tf_record.py`), those under `samdata/` our own.
package enum ExampleKey {
    package static let encoded = "image/encoded"
    package static let format = "image/format"
    package static let height = "image/height"
    package static let width = "image/width"
    package static let fileName = "image/filename"
    package static let sourceID = "image/source_id"
    package static let sha256 = "image/key/sha256"
    package static let xMin = "image/object/bbox/xmin"
    package static let xMax = "image/object/bbox/xmax"
    package static let yMin = "image/object/bbox/ymin"
    package static let yMax = "image/object/bbox/ymax"
    package static let classText = "image/object/class/text"
    package static let classLabel = "image/object/class/label"
    package static let isCrowd = "image/object/is_crowd"
    package static let area = "image/object/area"
    package static let masks = "samdata/masks/rle"
    package static let annotationIDs = "samdata/object/annotation_ids"
    package static let members = "samdata/members"
    package static let exifOrientation = "samdata/image/exif_orientation"
    package static let schemaVersion = "samdata/schema_version"
}
