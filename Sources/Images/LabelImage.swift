/// Sample values exactly as a PNG stores them: no gamma, no scaling, palette indices instead of colours.
package struct LabelImage: Sendable, Hashable {
    package let height: Int
    package let width: Int
    /// Bits per sample as stored: 1, 2, 4, 8 or 16.
    package let bitDepth: Int
    /// Samples per pixel as stored: 1 (gray, palette), 2 (gray and alpha), 3 (RGB) or 4 (RGBA).
    package let channels: Int
    /// [height, width, channels], row-major, interleaved.
    package let values: [UInt16]
    /// The colours of a palette image, [red, green, blue] per index; nil for all others.
    package let palette: [[UInt8]]?

    package init(
        height: Int, width: Int, bitDepth: Int, channels: Int, values: [UInt16], palette: [[UInt8]]? = nil
    ) {
        precondition(
            values.count == height * width * channels,
            "\(values.count) values are not the \(height) x \(width) x \(channels) of the image")
        self.height = height
        self.width = width
        self.bitDepth = bitDepth
        self.channels = channels
        self.values = values
        self.palette = palette
    }
}
