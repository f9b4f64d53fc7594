/// A picture of a validated image, for trackers.
package struct TrackedPicture: Sendable, Hashable {
    /// After the image, of letters, digits, `-`, `_` and `.` alone.
    package let name: String
    /// Where the PNG lies, in the run's folder.
    package let path: String
    package let png: [UInt8]
    /// In pixels.
    package let height: Int
    package let width: Int

    package init(name: String, path: String, png: [UInt8], height: Int, width: Int) {
        self.name = name
        self.path = path
        self.png = png
        self.height = height
        self.width = width
    }
}
