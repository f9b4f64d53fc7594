/// A part of a large image that is segmented by itself.
package struct ImageTile: Sendable, Hashable {
    /// What the tile answers for; the cores of all tiles cover the image once. x1 and y1 lie outside.
    package let core: PixelBox
    /// What is looked at: the core and a halo around it, as far as the image reaches.
    package let window: PixelBox

    /// The tiles of an image, row by row.
    ///
    /// As few as possible, and as equal as possible: core i of n begins at `i * side / n`, rounded down.
    ///
    /// - Parameters:
    ///   - size: longest side of a core, in pixels; at least 1.
    ///   - halo: pixels looked at beyond the core on each side; at least 0.
    package static func all(height: Int, width: Int, size: Int, halo: Int) -> [ImageTile] {
        precondition(size >= 1 && halo >= 0, "tiles of \(size) pixels with a halo of \(halo)")
        func cuts(_ side: Int) -> [Range<Int>] {
            let count = max(1, (side + size - 1) / size)
            return (0..<count).map { $0 * side / count..<($0 + 1) * side / count }
        }
        let columns = cuts(width)
        return cuts(height).flatMap { rows in
            columns.map { columns in
                ImageTile(
                    core: PixelBox(
                        x0: columns.lowerBound, y0: rows.lowerBound, x1: columns.upperBound, y1: rows.upperBound),
                    window: PixelBox(
                        x0: max(0, columns.lowerBound - halo), y0: max(0, rows.lowerBound - halo),
                        x1: min(width, columns.upperBound + halo), y1: min(height, rows.upperBound + halo)))
            }
        }
    }
}

extension PixelBox {
    /// What two boxes of this kind share, x1 and y1 outside; nil for nothing.
    func intersection(_ other: PixelBox) -> PixelBox? {
        let shared = PixelBox(
            x0: max(x0, other.x0), y0: max(y0, other.y0), x1: min(x1, other.x1), y1: min(y1, other.y1))
        return shared.x0 < shared.x1 && shared.y0 < shared.y1 ? shared : nil
    }
}
