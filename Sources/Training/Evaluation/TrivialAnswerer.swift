package import Images
package import Masks
package import SAM

/// The answers that need no model, which one has to beat to be worth anything: a box is filled; a point becomes a disc.
package struct TrivialAnswerer: Answerer {
    package let name = "trivial"
    /// Area of the disc around a point, in pixels; it is cut off at the image's border.
    package let discArea: Double

    package init(discArea: Double) { self.discArea = discArea }

    package func masks(of image: RGBImage, for prompts: [Prompt]) -> [RLE] {
        prompts.map { prompt in
            let isInside: (Double, Double) -> Bool
            if let box = prompt.box {
                isInside = { x, y in x > box.x && x < box.maxX && y > box.y && y < box.maxY }
            } else {
                let centre = prompt.points.first ?? Prompt.Point(x: 0, y: 0)
                let squaredRadius = discArea / .pi
                isInside = { x, y in
                    let (dx, dy) = (x - 0.5 - centre.x, y - 0.5 - centre.y)
                    return dx * dx + dy * dy <= squaredRadius
                }
            }
            return RLE(
                Bitmap(height: image.height, width: image.width) { pixels in
                    for row in 0..<image.height {
                        for column in 0..<image.width where isInside(Double(column) + 0.5, Double(row) + 0.5) {
                            pixels[row * image.width + column] = 1
                        }
                    }
                })
        }
    }
}
