package import Images
package import Masks

/// A window of an image, brought to another size.
package struct ScaleCrop: Sendable, Hashable {
    /// Left column of the window in the source.
    package let column: Int
    /// Top row of the window in the source.
    package let row: Int
    /// Pixels of the window.
    package let height: Int
    package let width: Int
    /// Pixels of the result.
    package let outputHeight: Int
    package let outputWidth: Int

    package init(row: Int, column: Int, height: Int, width: Int, outputHeight: Int, outputWidth: Int) {
        precondition(
            row >= 0 && column >= 0 && height > 0 && width > 0 && outputHeight > 0 && outputWidth > 0,
            "a window of \(height) x \(width) at (\(row), \(column)) cannot become \(outputHeight) x \(outputWidth)")
        self.row = row
        self.column = column
        self.height = height
        self.width = width
        self.outputHeight = outputHeight
        self.outputWidth = outputWidth
    }

    /// The window's pixels, resampled with Pillow's BILINEAR filter.
    package func callAsFunction(_ image: RGBImage) -> RGBImage {
        image.cropped(row: row, column: column, height: height, width: width)
            .resized(width: outputWidth, height: outputHeight)
    }

    /// The window's part of a mask, by the nearest source pixel: output pixel i shows source pixel
    /// `floor((i + 0.5) size / outputSize)`.
    package func callAsFunction(_ mask: RLE) -> RLE {
        let source = mask.columnMajorBytes()
        let rows = Self.nearest(window: height, output: outputHeight, start: row)
        let columns = Self.nearest(window: width, output: outputWidth, start: column)
        var bytes = [UInt8](repeating: 0, count: outputHeight * outputWidth)
        for (target, column) in columns.enumerated() {
            for (line, row) in rows.enumerated() {
                bytes[target * outputHeight + line] = source[column * mask.height + row]
            }
        }
        do {
            return try RLE(height: outputHeight, width: outputWidth, columnMajor: bytes)
        } catch {
            preconditionFailure("\(outputHeight) x \(outputWidth) pixels were counted wrongly: \(error)")
        }
    }

    /// The box of an object whose mask is not known, cut to the window.
    package func callAsFunction(_ box: Box) -> Box {
        let scaleX = Double(outputWidth) / Double(width)
        let scaleY = Double(outputHeight) / Double(height)
        let left = min(Double(width), max(0, box.x - Double(column)))
        let right = min(Double(width), max(0, box.maxX - Double(column)))
        let top = min(Double(height), max(0, box.y - Double(row)))
        let bottom = min(Double(height), max(0, box.maxY - Double(row)))
        return Box(x: left * scaleX, y: top * scaleY, width: (right - left) * scaleX, height: (bottom - top) * scaleY)
    }

    private static func nearest(window: Int, output: Int, start: Int) -> [Int] {
        (0..<output).map { start + min(window - 1, (2 * $0 + 1) * window / (2 * output)) }
    }
}
