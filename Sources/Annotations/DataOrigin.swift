package import JSONText
package import Runtime

/// Where an element was read from. It takes no part in comparisons: the same element from two files is the same.
package struct DataOrigin: Sendable, Hashable {
    package var path: String?
    package var position: TextPosition?
    /// Record in a shard, counted from 0.
    package var record: Int?

    package init(path: String? = nil, position: TextPosition? = nil, record: Int? = nil) {
        self.path = path
        self.position = position
        self.record = record
    }

    /// The place as a location for findings.
    package func location(
        imageID: COCOIdentifier? = nil, annotationID: COCOIdentifier? = nil, keyPath: String? = nil
    ) -> DataLocation {
        DataLocation(
            path: path, byteOffset: position?.byteOffset,
            line: position.flatMap { $0.line == TextPosition.unknownLine ? nil : $0.line },
            record: record, imageID: imageID?.description,
            annotationID: annotationID?.description, keyPath: keyPath)
    }

    package static func == (a: DataOrigin, b: DataOrigin) -> Bool { true }
    package func hash(into hasher: inout Hasher) {}
}
