/// Keys of the TensorFlow Object Detection API that samdata's own shards do not have.
///
/// Source: tensorflow/models, `object_detection/data_decoders/tf_example_decoder.py`.
enum TensorFlowKey {
    /// A full-image PNG of 0 and 1 for each object.
    static let mask = "image/object/mask"
    static let labelMap = "label_map.pbtxt"
}
