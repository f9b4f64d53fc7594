/// How YOLO labels are read and written.
package struct YOLOOptions: Sendable, Hashable {
    /// What becomes of an object of several parts, as a line holds one ring.
    package enum Multipart: String, Sendable, Hashable, CaseIterable {
        /// One line: parts and holes are joined by bridges without width, and the mask comes back as it was.
        case bridge
        /// One line, and so one object, for each part; holes are filled.
        case split
        /// The largest part alone; holes are filled.
        case largest
    }

    package var multipart = Multipart.bridge
    /// Write `class cx cy w h` and no outlines.
    package var boxesOnly = false
    /// Decimals of a coordinate; nil writes the fewest that read back as the same number.
    package var decimals: Int?
    /// The parts of `data.yaml` to read, such as `train`; nil reads all.
    package var parts: [String]?
    /// The images' folder, where it is not beside the labels.
    package var images: String?
    /// Class names by index, where the set has no file with them.
    package var classNames: [String]?
    /// The name in `data.yaml` of what is written.
    package var writtenPart = "train"
    /// Whether it is one part of a split, of which ``YOLOSplit`` lists all.
    package var isOfSplit = false

    package init() {}
}
