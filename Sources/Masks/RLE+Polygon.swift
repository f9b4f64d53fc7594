/// Masks from outlines.
extension RLE {
    /// The union of all rings, each filled as the COCO mask API fills it; a ring inside another is no hole.
    ///
    /// Rings of fewer than three points have no area and are drawn as such; the last number of a ring with an odd count
    /// is ignored, as the API does. No ring at all is an empty mask.
    ///
    /// Rings are x, y in turn, in pixels; they may reach outside the image.
    ///
    /// - Throws: `MaskError.fourNumbers` when the first ring has four numbers, `.coordinate` for NaN, infinity or
    ///   coordinates beyond 4e8, `.complexity`, `.size`.
    package init(height: Int, width: Int, polygons: [[Double]]) throws(MaskError) {
        _ = try Self.pixelCount(height: height, width: width)
        if let first = polygons.first { try Self.refuseBox(first) }
        if polygons.count == 1 {
            self = try PolygonRasteriser(ring: polygons[0], height: height, width: width).mask()
            return
        }
        var masks: [RLE] = []
        masks.reserveCapacity(polygons.count)
        for ring in polygons {
            masks.append(try PolygonRasteriser(ring: ring, height: height, width: width).mask())
        }
        if masks.isEmpty { masks.append(try RLE(height: height, width: width)) }
        self = try Self.union(masks)
    }

    /// - Throws: `MaskError.fourNumbers` for a ring that is none.
    static func refuseBox(_ ring: [Double]) throws(MaskError) {
        guard ring.count != 4 else {
            throw MaskError(
                .fourNumbers, "the polygon has four numbers, \(ring), which the COCO mask API takes for a box")
        }
    }

    /// A filled box, by the same rules as a polygon of its four corners (`rleFrBbox`).
    ///
    /// - Throws: as ``init(height:width:polygons:)``.
    package init(height: Int, width: Int, box: Box) throws(MaskError) {
        try self.init(
            height: height, width: width,
            polygons: [[box.x, box.y, box.x, box.maxY, box.maxX, box.maxY, box.maxX, box.y]])
    }
}
