package import Images
private import Masks

/// Segments images that are larger than what a model sees well: tile by tile, then joined by ``MaskStitching``.
///
/// An object is found whole when it lies in one window, and in parts when it is larger; parts are joined where windows
/// overlap, so the halo should be at least as wide as what a model needs to see of an object's surroundings. Memory holds
/// one tile's pixels and all masks.
package struct TiledMaskGenerator<Segmenter: ImageSegmenter>: ImageSegmenter {
    /// Longest side of a tile's core, in pixels.
    package let tileSize: Int
    /// Pixels looked at around a core.
    package let halo: Int
    /// IoU in the overlap of two windows from which masks are one object.
    package let matchThreshold: Double
    private var segmenter: Segmenter

    /// - Throws: `SAMError.options` for tiles of fewer than 16 pixels, a halo that is negative or larger than a tile, or a
    ///   threshold that is not above 0 and at most 1.
    package init(_ segmenter: Segmenter, tileSize: Int, halo: Int, matchThreshold: Double = 0.5) throws(SAMError) {
        guard tileSize >= 16 else {
            throw SAMError(.options, "tile is \(tileSize); at least 16 pixels are wanted")
        }
        guard (0...tileSize).contains(halo) else {
            throw SAMError(.options, "halo is \(halo); 0 to the tile's \(tileSize) pixels are wanted")
        }
        guard matchThreshold > 0, matchThreshold <= 1 else {
            throw SAMError(.options, "the IoU of matching masks is \(matchThreshold); above 0 and at most 1 is wanted")
        }
        self.segmenter = segmenter
        self.tileSize = tileSize
        self.halo = halo
        self.matchThreshold = matchThreshold
    }

    package mutating func masks(of image: RGBImage, shouldStop: () -> Bool) throws -> [AutomaticMask]? {
        let tiles = ImageTile.all(height: image.height, width: image.width, size: tileSize, halo: halo)
        if tiles.count == 1 { return try segmenter.masks(of: image, shouldStop: shouldStop) }
        var stitching = MaskStitching(
            height: image.height, width: image.width, tiles: tiles, matchThreshold: matchThreshold)
        for tile in tiles {
            let window = tile.window
            let part = image.cropped(row: window.y0, column: window.x0, height: window.height, width: window.width)
            guard let masks = try segmenter.masks(of: part, shouldStop: shouldStop) else { return nil }
            stitching.add(masks)
        }
        return try stitching.objects()
    }
}
