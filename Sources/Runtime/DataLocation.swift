/// A place in a user's data: file, byte and line, record, image, annotation; whatever is known.
package struct DataLocation: Sendable, Hashable, CustomStringConvertible {
    /// The file's path as the user gave it.
    package var path: String?
    /// Byte offset from the start of the file.
    package var byteOffset: Int?
    /// Line, counted from 1.
    package var line: Int?
    /// Record in a shard, counted from 0.
    package var record: Int?
    /// Image id as written in the data.
    package var imageID: String?
    /// Annotation id as written in the data.
    package var annotationID: String?
    /// Path of keys inside a document, such as `annotations[3].bbox`.
    package var keyPath: String?

    package init(
        path: String? = nil, byteOffset: Int? = nil, line: Int? = nil, record: Int? = nil, imageID: String? = nil,
        annotationID: String? = nil, keyPath: String? = nil
    ) {
        self.path = path
        self.byteOffset = byteOffset
        self.line = line
        self.record = record
        self.imageID = imageID
        self.annotationID = annotationID
        self.keyPath = keyPath
    }

    /// `file:line (byte 12, image 3, annotation 4)`, leaving out what is not known.
    package var description: String {
        var head = path ?? ""
        if let line { head += head.isEmpty ? "line \(line)" : ":\(line)" }
        var details: [String] = []
        if let byteOffset { details.append("byte \(byteOffset)") }
        if let record { details.append("record \(record)") }
        if let imageID { details.append("image \(imageID)") }
        if let annotationID { details.append("annotation \(annotationID)") }
        if let keyPath { details.append(keyPath) }
        if details.isEmpty { return head }
        let list = details.joined(separator: ", ")
        return head.isEmpty ? list : "\(head) (\(list))"
    }
}
