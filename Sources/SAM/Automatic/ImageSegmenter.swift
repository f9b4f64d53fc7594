package import Images

/// Finds the objects of an image without being asked for any.
package protocol ImageSegmenter {
    /// The masks of an image, the best first.
    ///
    /// - Parameter shouldStop: asked now and then; true ends the work.
    /// - Returns: nil when the work was ended.
    mutating func masks(of image: RGBImage, shouldStop: () -> Bool) throws -> [AutomaticMask]?
}

extension ImageSegmenter {
    /// The masks of an image, the best first.
    package mutating func masks(of image: RGBImage) throws -> [AutomaticMask] {
        try masks(of: image, shouldStop: { false }) ?? []
    }
}
