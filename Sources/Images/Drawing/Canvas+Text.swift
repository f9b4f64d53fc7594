extension Canvas {
    /// Writes one line of text in the built-in font on a ground of its own.
    /// - Parameters:
    ///   - text: ASCII; other characters are shown as `?`.
    ///   - row: top of the text's ground, in canvas pixels.
    ///   - column: left of the text's ground, in canvas pixels.
    ///   - colour: of the letters.
    ///   - size: canvas pixels per pixel of the font.
    ///   - background: the ground's colour; nil for none.
    package mutating func text(
        _ text: String, row: Int, column: Int, colour: RGBColour = .white, size: Int = 1,
        background: RGBColour? = .black
    ) {
        precondition(size >= 1, "text size \(size) is below 1")
        let extent = Self.textExtent(text, size: size)
        if let background {
            paint(rows: row..<row + extent.height, columns: column..<column + extent.width, background)
        }
        for (index, character) in text.enumerated() {
            let left = column + (1 + index * BitmapFont.advance) * size
            for (line, bits) in BitmapFont.rows(of: character).enumerated() {
                let top = row + (1 + line) * size
                for bit in 0..<BitmapFont.width where bits & (1 << (BitmapFont.width - 1 - bit)) != 0 {
                    paint(rows: top..<top + size, columns: left + bit * size..<left + (bit + 1) * size, colour)
                }
            }
        }
    }

    /// The ground that a line of text takes, with a margin of one font pixel around it, in canvas pixels.
    package static func textExtent(_ text: String, size: Int = 1) -> (height: Int, width: Int) {
        let letters = text.count
        return ((BitmapFont.height + 2) * size, (letters == 0 ? 0 : letters * BitmapFont.advance + 1) * size)
    }
}
