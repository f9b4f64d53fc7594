extension Canvas {
    /// Draws the frame of a box, on its inner side.
    /// - Parameters:
    ///   - x: left edge in image pixels; the image's own left edge is 0.
    ///   - y: top edge in image pixels.
    ///   - width: in image pixels.
    ///   - height: in image pixels.
    ///   - colour: of the frame.
    ///   - thickness: in canvas pixels; nil for one that suits the scale.
    package mutating func box(
        x: Double, y: Double, width: Double, height: Double, colour: RGBColour, thickness: Int? = nil
    ) {
        let columns = canvasRange(from: x, length: width, limit: image.width)
        let rows = canvasRange(from: y, length: height, limit: image.height)
        let line = max(1, thickness ?? (scale + 1) / 2)
        paint(rows: rows.lowerBound..<rows.lowerBound + line, columns: columns, colour)
        paint(rows: max(rows.lowerBound, rows.upperBound - line)..<rows.upperBound, columns: columns, colour)
        paint(rows: rows, columns: columns.lowerBound..<columns.lowerBound + line, colour)
        paint(rows: rows, columns: max(columns.lowerBound, columns.upperBound - line)..<columns.upperBound, colour)
    }

    /// Draws a point as a disc with a white and a black ring, visible on any ground.
    /// - Parameters:
    ///   - x: in image pixels; whole numbers are the centres of pixels, as in SAM's point prompts.
    ///   - y: in image pixels.
    ///   - colour: of the disc.
    ///   - radius: of the disc, in canvas pixels.
    package mutating func point(x: Double, y: Double, colour: RGBColour, radius: Int = 4) {
        guard let column = canvasPosition(x + 0.5), let row = canvasPosition(y + 0.5) else { return }
        for (size, ring) in [(radius + 2, RGBColour.black), (radius + 1, .white), (radius, colour)] {
            for down in -size...size {
                // A quarter of a pixel more than the radius makes small discs round.
                let square = Double(size * size) + 0.5 * Double(size) - Double(down * down)
                let reach = Int(max(0, square).squareRoot())
                paint(rows: row + down..<row + down + 1, columns: column - reach..<column + reach + 1, ring)
            }
        }
    }

    /// An edge of the image in canvas pixels; nil for what is not a number or absurdly far away.
    private func canvasPosition(_ value: Double) -> Int? {
        let position = (value * Double(scale)).rounded(.down)
        return abs(position) < 1e9 ? Int(position) : nil
    }

    /// Whole canvas pixels, at least one, for a stretch of the image; cut at twice the canvas to keep numbers small.
    private func canvasRange(from start: Double, length: Double, limit: Int) -> Range<Int> {
        let bound = Double(2 * limit)
        func position(_ value: Double) -> Int {
            value.isNaN ? 0 : Int(min(bound, max(-bound, (value * Double(scale)).rounded())))
        }
        let first = position(start)
        return first..<max(first + 1, position(start + length))
    }
}
