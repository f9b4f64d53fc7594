extension Canvas {
    /// Tints the pixels of a mask.
    /// - Parameters:
    ///   - mask: [sourceHeight, sourceWidth], row-major, 0 outside the object.
    ///   - colour: of the tint.
    ///   - opacity: 0 (invisible) to 1 (the colour alone).
    package mutating func fill(mask: [UInt8], colour: RGBColour, opacity: Double = 0.45) {
        checkShape(mask)
        for row in 0..<sourceHeight {
            var column = 0
            while column < sourceWidth {
                let start = column
                while column < sourceWidth && mask[row * sourceWidth + column] != 0 { column += 1 }
                if column > start {
                    paint(
                        rows: row * scale..<(row + 1) * scale, columns: start * scale..<column * scale, colour,
                        opacity: opacity)
                }
                column += 1
            }
        }
    }

    /// Draws the border of a mask, on its inner side.
    /// - Parameters:
    ///   - mask: [sourceHeight, sourceWidth], row-major, 0 outside the object.
    ///   - colour: of the border.
    ///   - thickness: in canvas pixels, at most ``scale``; nil for one that suits the scale.
    package mutating func outline(mask: [UInt8], colour: RGBColour, thickness: Int? = nil) {
        checkShape(mask)
        let line = min(scale, max(1, thickness ?? (scale + 1) / 2))
        func isInside(_ row: Int, _ column: Int) -> Bool {
            row >= 0 && row < sourceHeight && column >= 0 && column < sourceWidth
                && mask[row * sourceWidth + column] != 0
        }
        for row in 0..<sourceHeight {
            for column in 0..<sourceWidth where mask[row * sourceWidth + column] != 0 {
                // One strip or corner of the pixel's square for each of the eight neighbours that are outside.
                for down in -1...1 {
                    for right in -1...1 where (down != 0 || right != 0) && !isInside(row + down, column + right) {
                        paint(
                            rows: Self.strip(row, scale, line, towards: down),
                            columns: Self.strip(column, scale, line, towards: right), colour)
                    }
                }
            }
        }
    }

    /// The part of a pixel's square along one axis that faces a neighbour: its first or last pixels, or all of them.
    private static func strip(_ index: Int, _ scale: Int, _ line: Int, towards side: Int) -> Range<Int> {
        let start = index * scale
        switch side {
        case ..<0: return start..<start + line
        case 0: return start..<start + scale
        default: return start + scale - line..<start + scale
        }
    }

    private func checkShape(_ mask: [UInt8]) {
        precondition(
            mask.count == sourceHeight * sourceWidth,
            "a mask of \(mask.count) pixels does not fit an image of \(sourceHeight) x \(sourceWidth)")
    }
}
