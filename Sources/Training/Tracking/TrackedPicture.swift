package import Runtime

/// A picture of a validated image, for trackers.
package struct TrackedPicture: Sendable, Hashable {
    /// After the image, of letters, digits, `-`, `_` and `.` alone.
    package let name: String
    /// Where the PNG lies, in the run's folder.
    package let path: String
    /// In pixels.
    package let height: Int
    package let width: Int

    package init(name: String, path: String, height: Int, width: Int) {
        self.name = name
        self.path = path
        self.height = height
        self.width = width
    }

    /// The file's bytes: a run may draw more pictures than memory should hold.
    ///
    /// - Throws: `FileError`.
    package func png() throws(FileError) -> [UInt8] { try FileSystem.read(path) }
}
