package import Masks

/// A label that can be asked pixel by pixel: the part inside its bounding box, outside of which there is none.
package struct LabelPixels: Sendable {
    /// Rows and columns of the image.
    package let height: Int
    package let width: Int
    /// The label's box; both empty for an empty label.
    package let rows: Range<Int>
    package let columns: Range<Int>
    private let part: Bitmap

    package init(_ label: RLE) {
        height = label.height
        width = label.width
        let bounds = label.bounds ?? (0..<0, 0..<0)
        (rows, columns) = (bounds.rows, bounds.columns)
        part = label.cropped(rows: rows, columns: columns).bitmap()
    }

    /// Whether a pixel of the image, or a place outside it, belongs to the label.
    package func contains(row: Int, column: Int) -> Bool {
        rows.contains(row) && columns.contains(column)
            && part.pixels[(row - rows.lowerBound) * columns.count + column - columns.lowerBound] != 0
    }
}
