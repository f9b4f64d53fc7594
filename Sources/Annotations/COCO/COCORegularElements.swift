internal import JSONText

/// The readers of elements that look like the one before them, one for each list, and what they learn of a file.
struct COCORegularElements {
    let images: JSONRecordReader
    let annotations: JSONRecordReader
    /// Of annotations of which only the place is wanted.
    let places: JSONRecordReader

    /// The keys' order is that of the tables of ``COCOElementDecoder``.
    init() {
        images = JSONRecordReader([
            ("id", .integer), ("file_name", .string), ("width", .integer), ("height", .integer),
        ])
        annotations = JSONRecordReader([
            ("id", .integer), ("image_id", .integer), ("category_id", .integer), ("segmentation", .numberListsOrObject),
            ("area", .number), ("bbox", .numbers), ("iscrowd", .flag),
        ])
        places = JSONRecordReader([
            ("id", .integer), ("image_id", .integer), ("category_id", .passed), ("segmentation", .passed),
            ("area", .passed), ("bbox", .passed), ("iscrowd", .passed),
        ])
    }
}
