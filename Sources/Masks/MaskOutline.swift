/// An outline whose mask is drawn when it is asked for; before that it is known that it can be, and where it will be.
package struct MaskOutline: Sendable {
    private let rasteriser: PolygonRasteriser

    /// - Parameter ring: x and y in turn, in pixels, as of ``RLE/init(height:width:polygons:)``.
    /// - Throws: as that.
    package init(height: Int, width: Int, ring: [Double]) throws(MaskError) {
        _ = try RLE.pixelCount(height: height, width: width)
        try RLE.refuseBox(ring)
        rasteriser = try PolygonRasteriser(ring: ring, height: height, width: width)
    }

    /// Columns that hold every pixel of the mask.
    package var columns: Range<Int> { rasteriser.columns }
    /// Rows that hold every pixel of the mask, and may be one more on each side.
    package var rows: Range<Int> { rasteriser.rows }

    /// The mask, drawn anew each time.
    package func mask() -> RLE { rasteriser.mask() }
}
