extension Canvas {
    /// Pictures from left to right, tops aligned, each under its title.
    /// - Parameters:
    ///   - panels: at least one; an empty title takes no room unless another panel has one.
    ///   - gap: pixels between pictures.
    ///   - titleSize: pixels per pixel of the font.
    ///   - background: the colour around the pictures.
    package static func sideBySide(
        _ panels: [(title: String, image: RGBImage)], gap: Int = 6, titleSize: Int = 2,
        background: RGBColour = RGBColour(24, 24, 28)
    ) -> RGBImage {
        precondition(!panels.isEmpty, "no panels to place")
        let hasTitles = panels.contains { !$0.title.isEmpty }
        let strip = hasTitles ? textExtent("A", size: titleSize).height : 0
        let height = strip + (panels.map(\.image.height).max() ?? 0)
        let width = panels.map(\.image.width).reduce(0, +) + gap * (panels.count - 1)
        var canvas = Canvas(RGBImage(height: height, width: width, filling: background))
        var column = 0
        for panel in panels {
            // A title longer than its picture is cut there, so that it does not run into the next one.
            let letters = max(0, (panel.image.width / titleSize - 1) / BitmapFont.advance)
            canvas.text(
                String(panel.title.prefix(letters)), row: 0, column: column, size: titleSize, background: nil)
            canvas.paste(panel.image, row: strip, column: column)
            column += panel.image.width + gap
        }
        return canvas.image
    }

    /// Pictures from top to bottom, left edges aligned.
    package static func stacked(
        _ images: [RGBImage], gap: Int = 6, background: RGBColour = RGBColour(24, 24, 28)
    ) -> RGBImage {
        precondition(!images.isEmpty, "no pictures to stack")
        let height = images.map(\.height).reduce(0, +) + gap * (images.count - 1)
        var canvas = Canvas(
            RGBImage(height: height, width: images.map(\.width).max() ?? 1, filling: background))
        var row = 0
        for image in images {
            canvas.paste(image, row: row, column: 0)
            row += image.height + gap
        }
        return canvas.image
    }
}
