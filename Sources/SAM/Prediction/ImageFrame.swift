/// How one image lies in the model's square input: scaled so that its longest side fills the square, at the top left; or
/// stretched over all of it.
///
/// Source: `ResizeLongestSide` of the reference, including its rounding.
package struct ImageFrame: Sendable, Hashable {
    /// The image's own size, in pixels.
    package let originalHeight: Int
    package let originalWidth: Int
    /// Side of the model's input, in pixels.
    package let imageSize: Int
    /// The size of the scaled image; the rest of the square is padding.
    package let scaledHeight: Int
    package let scaledWidth: Int

    /// - Parameters:
    ///   - height: of the image, in pixels; at least 1.
    ///   - width: likewise.
    ///   - imageSize: side of the model's input.
    ///   - fit: how the image is fitted into it.
    package init(height: Int, width: Int, imageSize: Int, fit: PreprocessingRecipe.Fit = .longestSide) {
        precondition(height > 0 && width > 0, "an image of \(height) x \(width) pixels has no frame")
        originalHeight = height
        originalWidth = width
        self.imageSize = imageSize
        guard fit == .longestSide else {
            scaledHeight = imageSize
            scaledWidth = imageSize
            return
        }
        let scale = Double(imageSize) * 1.0 / Double(max(height, width))
        // The reference lets a very long image shrink to nothing; one pixel is kept here.
        scaledHeight = max(1, Int(Double(height) * scale + 0.5))
        scaledWidth = max(1, Int(Double(width) * scale + 0.5))
    }

    /// Scale from the image to the model's input, which differs between the axes: sizes are rounded, or stretched.
    package var scaleX: Double { Double(scaledWidth) / Double(originalWidth) }
    package var scaleY: Double { Double(scaledHeight) / Double(originalHeight) }
}
