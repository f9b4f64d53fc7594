/// One segment of a panoptic image.
package struct PanopticSegment: Sendable, Hashable {
    /// The value of its pixels in the id map, not 0.
    package var id: UInt32
    /// Number of its class.
    package var classIndex: Int
    /// In pixels, as stated; nil where that is to be counted.
    package var area: Int?
    /// It stands for a crowd, of which nothing need be found.
    package var isCrowd: Bool

    package init(id: UInt32, classIndex: Int, area: Int? = nil, isCrowd: Bool = false) {
        self.id = id
        self.classIndex = classIndex
        self.area = area
        self.isCrowd = isCrowd
    }
}
