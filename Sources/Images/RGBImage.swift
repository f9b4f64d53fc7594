/// An image of 8-bit red, green and blue.
package struct RGBImage: Sendable, Hashable {
    package let height: Int
    package let width: Int
    /// [height, width, 3], row-major, interleaved.
    package var pixels: [UInt8]

    /// An image of `pixels`: height x width x 3 bytes.
    package init(height: Int, width: Int, pixels: [UInt8]) {
        precondition(height > 0 && width > 0, "an image of \(height) x \(width) has no pixels")
        precondition(
            pixels.count == height * width * 3,
            "\(pixels.count) bytes are not the \(height) x \(width) x 3 of the image")
        self.height = height
        self.width = width
        self.pixels = pixels
    }

    /// An image of one colour.
    package init(height: Int, width: Int, filling colour: RGBColour = .black) {
        precondition(height > 0 && width > 0, "an image of \(height) x \(width) has no pixels")
        self.height = height
        self.width = width
        pixels = Array(unsafeUninitializedCapacity: height * width * 3) { buffer, count in
            for offset in stride(from: 0, to: height * width * 3, by: 3) {
                buffer.initializeElement(at: offset, to: colour.red)
                buffer.initializeElement(at: offset + 1, to: colour.green)
                buffer.initializeElement(at: offset + 2, to: colour.blue)
            }
            count = height * width * 3
        }
    }

    /// The colour of one pixel.
    package subscript(row: Int, column: Int) -> RGBColour {
        get {
            let offset = offset(row, column)
            return RGBColour(pixels[offset], pixels[offset + 1], pixels[offset + 2])
        }
        set {
            let offset = offset(row, column)
            pixels[offset] = newValue.red
            pixels[offset + 1] = newValue.green
            pixels[offset + 2] = newValue.blue
        }
    }

    private func offset(_ row: Int, _ column: Int) -> Int {
        precondition(
            (0..<height).contains(row) && (0..<width).contains(column),
            "pixel (\(row), \(column)) is outside the \(height) x \(width) image")
        return (row * width + column) * 3
    }
}
