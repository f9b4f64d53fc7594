extension RGBImage {
    /// The image as a window of a larger one, which has one colour around it.
    ///
    /// - Parameters:
    ///   - height: of the larger image.
    ///   - width: likewise.
    ///   - row: where the image's first row lies.
    ///   - column: where its first column lies.
    package func placed(height: Int, width: Int, row: Int, column: Int, fill: RGBColour) -> RGBImage {
        var result = RGBImage(height: height, width: width, filling: fill)
        result.replace(row: row, column: column, with: self)
        return result
    }

    /// Puts another image in place of a window, which must lie inside.
    package mutating func replace(row: Int, column: Int, with image: RGBImage) {
        precondition(
            row >= 0 && column >= 0 && row + image.height <= height && column + image.width <= width,
            "\(image.height) x \(image.width) at (\(row), \(column)) is not inside \(height) x \(width)")
        let rowBytes = image.width * 3
        let stride = width * 3
        let first = row * stride + column * 3
        pixels.withUnsafeMutableBufferPointer { target in
            image.pixels.withUnsafeBufferPointer { source in
                guard let target = target.baseAddress, let source = source.baseAddress else { return }
                for line in 0..<image.height {
                    (target + first + line * stride).update(from: source + line * rowBytes, count: rowBytes)
                }
            }
        }
    }

    /// Paints a window, which must lie inside, in one colour.
    package mutating func fill(rows: Range<Int>, columns: Range<Int>, with colour: RGBColour) {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
                && columns.upperBound <= width, "rows \(rows), columns \(columns) of \(height) x \(width)")
        pixels.withUnsafeMutableBufferPointer { pixels in
            for row in rows {
                for offset in stride(
                    from: (row * width + columns.lowerBound) * 3, to: (row * width + columns.upperBound) * 3, by: 3)
                {
                    pixels[offset] = colour.red
                    pixels[offset + 1] = colour.green
                    pixels[offset + 2] = colour.blue
                }
            }
        }
    }
}
