/// Boundaries on runs: only the window that holds the mask becomes pixels.
extension RLE {
    /// The band of the mask along its border, `thickness` pixels wide; what lies outside the image is background.
    ///
    /// The same as ``Bitmap/boundary(thickness:)``, at a cost that follows the mask's box.
    package func boundary(thickness: Int) -> RLE {
        guard let bounds else { return self }
        let window = cropped(rows: bounds.rows, columns: bounds.columns).bitmap()
        return RLE(window.boundary(thickness: thickness)).placed(
            height: height, width: width, top: bounds.rows.lowerBound, left: bounds.columns.lowerBound)
    }
}
